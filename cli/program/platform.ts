import { Argument, type Command, Option } from 'commander';
import { LOG_LEVELS, LogPart } from '../../workflows/contracts/log-level.ts';
import { collect, parseCount, parseSeconds } from '../lib/parse.ts';
import { type Act, outputOption, timeoutOption } from './options.ts';

/** The provider kinds that `provider add` takes; the same words as the API's. */
const KINDS = ['openai', 'anthropic', 'gemini', 'openrouter', 'ollama', 'hosted_vllm'];

/** Commands about operations. Modules load when their command runs. */
export function addOperationCommands(program: Command, act: Act): void {
  const operations = program.command('operations').alias('ops').summary('list, follow and steer operations');
  outputOption(
    operations
      .command('list', { isDefault: true })
      .summary('operations, newest first')
      .option('--instance <instance>', 'only those of an instance')
      .option('--state <state>', 'pending, running, retrying, succeeded, failed or cancelled')
      .option('--kind <kind>', 'create, start, stop …')
      .option('--request <request>', 'only those that one request began; every answer and error has its id')
      .option('--limit <count>', 'at most so many', parseCount(1), 50),
  ).action(act(async () => (await import('../commands/operations.ts')).listOperations));
  outputOption(timeoutOption(operations.command('watch').summary('follow an operation until it ends').argument('<operation>', 'its id')), [
    'table',
    'json',
    'yaml',
    'name',
  ]).action(act(async () => (await import('../commands/operations.ts')).watchOperation));
  for (const [control, summary] of [
    ['retry-now', 'do not wait for the next attempt'],
    ['give-up', 'end an operation that waits for its next attempt'],
    ['cancel', 'end an operation and undo what it did'],
  ] as const) {
    outputOption(operations.command(control).summary(summary).argument('<operation>', 'its id'), ['table', 'json', 'yaml', 'name']).action(
      act(async () => (await import('../commands/operations.ts')).controlOperation.bind(null, control)),
    );
  }
}

/** Commands about model providers. Modules load when their command runs. */
export function addProviderCommands(program: Command, act: Act): void {
  const providers = program.command('provider').alias('providers').summary('manage where models come from');
  outputOption(providers.command('list', { isDefault: true }).summary('providers and their state')).action(
    act(async () => (await import('../commands/provider.ts')).listProviders),
  );
  outputOption(
    timeoutOption(
      providers
        .command('add')
        .summary('add a provider and verify its credential')
        .addOption(new Option('--kind <kind>', 'kind of provider').choices(KINDS).makeOptionMandatory())
        .requiredOption('--name <name>', 'its name here; claws say name/model')
        .option('--base-url <url>', 'address of its API; needed for ollama and hosted_vllm')
        .option('--model <model>', 'a model it offers, repeatable', collect)
        .option('--key-stdin', 'read the credential from standard input; on a terminal you are asked otherwise')
        .option('--no-wait', 'do not wait for the verification'),
    ),
    ['table', 'json', 'yaml', 'name'],
  ).action(act(async () => (await import('../commands/provider.ts')).addProvider));
  outputOption(
    timeoutOption(
      providers.command('verify').summary('make a real test call').argument('<provider>', 'name or id').option('--no-wait', 'do not wait for the result'),
    ),
    ['table', 'json', 'yaml', 'name'],
  ).action(act(async () => (await import('../commands/provider.ts')).verifyProvider));
  providers
    .command('remove')
    .summary('remove a provider and its credential')
    .argument('<provider>', 'name or id')
    .option('-y, --yes', 'do not ask')
    .action(act(async () => (await import('../commands/provider.ts')).removeProvider));
}

/** Commands about claw types, the platform, and the shell. Modules load when their command runs. */
export function addPlatformCommands(program: Command, act: Act): void {
  const types = program.command('type').alias('types').summary('manage claw types');
  outputOption(types.command('list', { isDefault: true }).summary('claw types and their versions')).action(
    act(async () => (await import('../commands/type.ts')).listTypes),
  );
  outputOption(
    types.command('apply').summary('register a claw type from its manifest').requiredOption('-f, --file <file>', 'YAML or JSON; - reads standard input'),
    ['table', 'json', 'yaml', 'name'],
  ).action(act(async () => (await import('../commands/type.ts')).applyType));
  types
    .command('remove')
    .summary('remove a registered claw type')
    .argument('<type>', 'its name')
    .option('-y, --yes', 'do not ask')
    .action(act(async () => (await import('../commands/type.ts')).removeType));
  program
    .command('host')
    .summary('manage hosts')
    .command('end-claw')
    .summary('end a claw that the platform does not know; its data stays on the host')
    .argument('<host>', 'name or id')
    .argument('<claw>', 'its name on the host or its id, as claw doctor says')
    .option('-y, --yes', 'do not ask')
    .action(act(async () => (await import('../commands/host.ts')).endClaw));
  outputOption(program.command('status').summary('health of the platform and state of the fleet'), ['table', 'json', 'yaml']).action(
    act(async () => (await import('../commands/status.ts')).status),
  );
  outputOption(program.command('doctor').summary('say what is wrong, from this machine to the claws, and what mends it'), ['table', 'json', 'yaml']).action(
    act(async () => (await import('../commands/doctor.ts')).doctor),
  );
  program
    .command('support-bundle')
    .summary('write a file with what a supporter needs, without secrets; nothing is sent')
    .description('Versions, health, hosts, instances, operations that failed, settings and ends of logs. It says what is in the file and what was left out.')
    .option('--output <file>', 'where to (default: clawloops-support-<time>.tar.gz here)')
    .option('--no-names', 'hide the names of instances, hosts and providers')
    .action(act(async () => (await import('../commands/support-bundle.ts')).supportBundle));
  outputOption(
    program
      .command('find')
      .summary('say what an id belongs to: request, operation, instance, host, provider or workflow')
      .argument('<id>', 'from a log, an error or a page'),
    ['table', 'json', 'yaml', 'name'],
  ).action(act(async () => (await import('../commands/find.ts')).find));
  outputOption(
    program
      .command('log-level')
      .summary('make a part of the platform log more or less for a while')
      .addArgument(new Argument('<part>', 'which part').choices(Object.values(LogPart)))
      .addArgument(new Argument('<level>', 'how much; default: as configured').choices([...LOG_LEVELS, 'default']))
      .addOption(new Option('--for <time>', 'then it logs as configured again, e.g. 90s or 1h').argParser(parseSeconds).default(600, '10m')),
    ['table', 'json', 'yaml', 'name'],
  ).action(act(async () => (await import('../commands/log-level.ts')).setLogLevel));
  program
    .command('open')
    .summary('show a page of the portal in your browser')
    .description('Prints the address, and opens it where there is a desktop: the home page, an instance, or one of its pages.')
    .argument('[instance]', 'name or id of the instance')
    .addOption(new Option('--page', 'its own web page').conflicts(['logs', 'chat', 'operations']))
    .addOption(new Option('--logs', 'its log').conflicts(['chat', 'operations']))
    .addOption(new Option('--chat', 'the conversation with it').conflicts(['logs', 'operations']))
    .addOption(new Option('--operations', 'its operations; without an instance all of them').conflicts(['logs', 'chat']))
    .action(act(async () => (await import('../commands/open.ts')).open));
  program
    .command('man')
    .summary('print the manual page')
    .description('Read it: claw man | man -l -. Install it: claw man > ~/.local/share/man/man1/claw.1.')
    .action(act(async () => (await import('../commands/man.ts')).man));
  program
    .command('completion')
    .summary('print a completion script for your shell')
    .description('Bash: source <(claw completion bash). Zsh: source <(claw completion zsh). Fish: claw completion fish | source.')
    .addArgument(new Argument('<shell>', 'your shell').choices(['bash', 'zsh', 'fish']))
    .action(act(async () => (await import('../commands/completion.ts')).completion));
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(act(async () => (await import('../commands/completion.ts')).complete));
}
