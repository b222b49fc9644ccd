import { type Command, Option } from 'commander';
import { collect, parseCount, parseSince } from '../lib/parse.ts';
import { type Act, outputOption, waitOptions } from './options.ts';

/** Orders of `claw top`; the same words as the API's. */
const TOP_SORTS = ['cpu', 'memory', 'requests', 'tokens', 'cost', 'errors', 'restarts', 'name'];
const NAME = 'name or id of the instance';

/** Names, or a selector that stands for them. */
function selectOptions(command: Command): Command {
  return command
    .argument('[instances...]', NAME)
    .option('-l, --labels <selector>', 'instead of names: all that match, e.g. env=prod,team!=x')
    .option('-y, --yes', 'do not ask');
}

/** Commands that begin, change and end an instance. Modules load when their command runs. */
export function addLifecycleCommands(program: Command, act: Act): void {
  waitOptions(
    program
      .command('create')
      .summary('make an instance')
      .argument('<name>', 'lower-case letters, digits and dashes, at most 40')
      .option('--type <type>', 'claw type; claw type list shows them (default: the platform’s)')
      .option('--version <version>', 'version of the claw (default: the default of the type)')
      .option('--host <host>', 'name or id of the host (default: the platform chooses)')
      .option('-l, --label <key=value>', 'label, repeatable', collect)
      .option('--config <config>', 'template it runs on, name or name@version, repeatable', collect)
      .option('--var <name=value>', 'value of what its templates leave open, repeatable', collect)
      .option('--set <key=value>', 'setting, repeatable, e.g. model.name=demo; JSON values are read as such', collect)
      .option('--cpu <quantity>', 'e.g. 500m or 1')
      .option('--memory <quantity>', 'e.g. 1Gi')
      .option('--storage <quantity>', 'e.g. 10Gi')
      .option('--dry-run', 'only check it; nothing is made'),
  ).action(act(async () => (await import('../commands/create.ts')).create));
  for (const [verb, summary] of [
    ['start', 'start a stopped instance'],
    ['stop', 'stop an instance; its data stays'],
    ['restart', 'stop and start an instance'],
  ] as const) {
    waitOptions(selectOptions(program.command(verb).summary(summary))).action(
      act(async () => (await import('../commands/lifecycle.ts')).lifecycle.bind(null, verb)),
    );
  }
  waitOptions(
    selectOptions(program.command('kill').summary('end the process at once, without letting it finish')).option('-f, --force', 'the same as --yes'),
  ).action(act(async () => (await import('../commands/kill.ts')).kill));
  waitOptions(program.command('rotate-key').summary('give an instance a new model key').argument('<instances...>', NAME)).action(
    act(async () => (await import('../commands/lifecycle.ts')).lifecycle.bind(null, 'rotate-key')),
  );
  waitOptions(program.command('my').summary('show the claw of your own').option('--create', 'make it, if you have none')).action(
    act(async () => (await import('../commands/my.ts')).my),
  );
  addChangeCommands(program, act);
}

function addChangeCommands(program: Command, act: Act): void {
  waitOptions(
    program
      .command('update')
      .summary('change name, labels, settings or resources')
      .argument('<instance>', NAME)
      .option('--name <name>', 'new name')
      .option('-l, --label <key=value>', 'set a label, or remove it with key-; repeatable', collect)
      .option('--config <config>', 'templates it runs on instead of those it had, name or name@version, repeatable', collect)
      .option('--var <name=value>', 'set a value of what its templates leave open, repeatable', collect)
      .option('--set <key=value>', 'set a setting, repeatable', collect)
      .option('--unset <key>', 'take a setting back to its default, repeatable', collect)
      .option('--cpu <quantity>', 'e.g. 500m or 1')
      .option('--memory <quantity>', 'e.g. 2Gi')
      .option('--storage <quantity>', 'e.g. 20Gi'),
  ).action(act(async () => (await import('../commands/update.ts')).update));
  waitOptions(
    program
      .command('retry')
      .summary('try a failed instance again, with changes if you like')
      .argument('<instance>', NAME)
      .option('--version <version>', 'another version of the claw')
      .option('--set <key=value>', 'set a setting, repeatable', collect)
      .option('--unset <key>', 'take a setting back to its default, repeatable', collect)
      .option('--cpu <quantity>', 'e.g. 500m or 1')
      .option('--memory <quantity>', 'e.g. 2Gi')
      .option('--storage <quantity>', 'e.g. 20Gi'),
  ).action(act(async () => (await import('../commands/retry.ts')).retry));
  waitOptions(
    selectOptions(program.command('destroy').summary('end an instance for good'))
      .option('--retain', 'keep its data folder on the host (the default)')
      .option('--wipe', 'delete its data as well'),
  ).action(act(async () => (await import('../commands/destroy.ts')).destroy));
}

/** Commands that look at instances and talk to them. Modules load when their command runs. */
export function addViewCommands(program: Command, act: Act): void {
  outputOption(
    program
      .command('get')
      .summary('list instances, operations, hosts, providers, models or types; or show one of them')
      .argument('[kind]', 'instances, operations, hosts, providers, models, types; or the name of an instance', 'instances')
      .argument('[name]', 'name or id')
      .option('-l, --labels <selector>', 'instances only: e.g. env=prod,team!=x')
      .option('-q, --search <text>', 'only what matches the text')
      .option('--phase <phase>', 'instances only: Running, Stopped, Failed …')
      .option('--sort <field>', 'field to sort by, - before it turns the order round')
      .option('--limit <count>', 'at most so many (default: all)', parseCount(1))
      .option('-w, --watch', 'go on and print each row again when it changes'),
  ).action(act(async () => (await import('../commands/get.ts')).get));
  outputOption(
    program
      .command('top')
      .summary('what instances or hosts use now, the busiest first')
      .description('CPU and memory as they were measured last; requests, errors, tokens and cost of the last hour.')
      .argument('[names...]', 'names or ids of instances (default: all), or the word hosts')
      .addOption(new Option('--sort <field>', 'what the greatest of comes first (default: cpu)').choices(TOP_SORTS))
      .option('--limit <count>', 'at most so many', parseCount(1), 1000)
      .option('-w, --watch', 'go on and show it again every few seconds'),
  ).action(act(async () => (await import('../commands/top.ts')).top));
  program
    .command('describe')
    .summary('everything about an instance, for a person')
    .argument('<instance>', NAME)
    .action(act(async () => (await import('../commands/describe.ts')).describe));
  outputOption(
    program
      .command('events')
      .summary('what happened, of an instance or of everything, oldest first')
      .argument('[instance]', NAME)
      .addOption(new Option('--severity <severity>', 'this severity and worse ones').choices(['info', 'warning', 'error']))
      .option('--type <types>', 'e.g. instance.crashed,operation.failed')
      .option('--host <host>', 'what happened to a host and to claws on it')
      .option('--since <time>', 'e.g. 5m, 1h, 2d or 2026-11-21T09:00:00Z', parseSince)
      .option('--limit <count>', 'at most so many, the newest', parseCount(1), 50)
      .option('-w, --watch', 'go on and print what happens'),
  ).action(act(async () => (await import('../commands/events.ts')).events));
  program
    .command('logs')
    .summary('print the log of an instance')
    .argument('<instance>', NAME)
    .option('-f, --follow', 'go on printing as it grows')
    .option('--tail <lines>', 'begin so many lines before the end', parseCount(1), 200)
    .option('--timestamps', 'print the time before each line')
    .option('--search <text>', 'lines that hold this text, whatever its case, from the archive too')
    .option('--level <levels>', 'lines of these levels, separated by commas: error, warn, info, debug')
    .option('--since <time>', 'lines of this time or later: 5m, 1h, 2d or an RFC 3339 time', parseSince)
    .option('--until <time>', 'lines before this time', parseSince)
    .option('--archives', 'list the archived pieces')
    .option('--download <file>', 'write an archived piece, named as --archives names it, into this folder')
    .action(act(async () => (await import('../commands/logs.ts')).logs));
  program
    .command('chat')
    .summary('talk to an instance')
    .argument('<instance>', NAME)
    .argument('[text]', 'what to say; without it you are asked, or it is read from a pipe')
    .option('--session <session>', 'name of the conversation', 'claw')
    .option('--model', 'say on standard error which model answered')
    .action(act(async () => (await import('../commands/chat.ts')).chat));
}
