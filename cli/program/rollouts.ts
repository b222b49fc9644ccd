import type { Command } from 'commander';
import { type Act, outputOption, timeoutOption } from './options.ts';

const ONE = ['table', 'json', 'yaml', 'name'];
const gather = (value: string, before: readonly string[] = []) => [...before, value];

/** What may be decided about a rollout, with what the help says of it. */
const DEEDS = [
  ['approve', 'agree to what it asks for'],
  ['reject', 'do not agree: it ends where it is'],
  ['pause', 'begin with no further instance'],
  ['resume', 'go on'],
  ['promote', 'skip the gate of the present wave'],
  ['abort', 'stop where it is, for good'],
  ['rollback', 'bring every touched instance back to what it was'],
  ['retry', 'try the failed instances of the present wave again'],
] as const;

/** Commands about rollouts. Modules load when their command runs. */
export function addRolloutCommands(program: Command, act: Act): void {
  const rollouts = program.command('rollout').alias('rollouts').summary('carry one change to many instances, in waves');
  outputOption(rollouts.command('list', { isDefault: true }).summary('rollouts, newest first').option('--active', 'only those that have not ended')).action(
    act(async () => (await import('../commands/rollout.ts')).listRollouts),
  );
  addCreate(rollouts, act);
  outputOption(rollouts.command('show').summary('waves, verdicts and approvals of a rollout').argument('<rollout>', 'name or id'), ONE).action(
    act(async () => (await import('../commands/rollout.ts')).showRollout),
  );
  outputOption(rollouts.command('targets').summary('its instances, wave by wave').argument('<rollout>', 'name or id')).action(
    act(async () => (await import('../commands/rollout.ts')).listTargets),
  );
  timeoutOption(
    outputOption(rollouts.command('watch').summary('follow it until it ends or waits for somebody').argument('<rollout>', 'name or id'), ONE),
  ).action(act(async () => (await import('../commands/rollout.ts')).watchRollout));
  for (const [deed, summary] of DEEDS) {
    outputOption(
      rollouts.command(deed).summary(summary).argument('<rollout>', 'name or id').option('-m, --comment <text>', 'kept with the decision'),
      ONE,
    ).action(act(async () => (await import('../commands/rollout.ts')).decide(deed)));
  }
}

function addCreate(rollouts: Command, act: Act): void {
  const create = rollouts
    .command('create')
    .summary('begin a rollout')
    .argument('<name>', 'what people will call it')
    .option('-l, --labels <selector>', 'instances with these labels, e.g. env=prod,team!=x')
    .option('--type <type>', 'instances of this type')
    .option('--set <key=value>', 'set a setting; may be repeated', gather)
    .option('--unset <key>', 'take a setting back to its default; may be repeated', gather)
    .option('--to-version <version>', 'move to this version of the claw')
    .option('--config <config@version>', 'move to this version of a config, e.g. cfg_01kah3…@4')
    .option('--restart', 'only restart')
    .option('--approvals <count>', 'how many people must agree before it begins')
    .option('--rollback-on-failure', 'bring everything back when too many fail or a gate fails, instead of pausing')
    .option('-f, --file <file>', 'plan as YAML or JSON with the fields of POST /rollouts; options win (- = standard input)')
    .option('--dry-run', 'only show who would be changed in which wave')
    .option('-w, --watch', 'follow it until it ends or waits for somebody');
  timeoutOption(outputOption(create, ONE)).action(act(async () => (await import('../commands/rollout-create.ts')).createRollout));
}
