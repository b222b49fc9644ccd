import { type Command, Option } from 'commander';
import type { Context } from '../lib/context.ts';
import type { Io } from '../lib/io.ts';
import { OUTPUT_FORMATS } from '../lib/output.ts';
import { parseSeconds } from '../lib/parse.ts';

/** `-o` with the formats that fit the command. */
export function outputOption(command: Command, formats: readonly string[] = OUTPUT_FORMATS): Command {
  return command.addOption(new Option('-o, --output <format>', 'how to print the answer').choices(formats).default('table'));
}

/** `--wait` and `--timeout` of everything that starts an operation, with `-o`. */
export function waitOptions(command: Command): Command {
  command.option('-w, --wait', 'follow the operation until it ends');
  return outputOption(timeoutOption(command), ['table', 'json', 'yaml', 'name']);
}

/** `--timeout` in seconds. */
export function timeoutOption(command: Command): Command {
  return command.addOption(
    new Option('--timeout <time>', 'stop waiting after this time, e.g. 90s or 1h; the operation goes on').argParser(parseSeconds).default(600, '10m'),
  );
}

/** What a command does: its context, its arguments, its options. */
type Run<O> = (context: Context, args: readonly string[], options: O) => Promise<void>;

/** Makes a commander action of what `load` imports when the command runs, which keeps the start of `claw` fast. */
export type Act = <O>(load: () => Promise<Run<O>>) => (...received: unknown[]) => Promise<void>;

/** `Act` for this program. Commander hands over the arguments, then the options, then the command. */
export function actFor(io: Io, root: Command): Act {
  return <O>(load: () => Promise<Run<O>>) =>
    async (...received: unknown[]) => {
      const command = received.at(-1) as Command;
      const options = command.optsWithGlobals<O & { readonly profile?: string; readonly tenant?: string }>();
      const args = received
        .slice(0, -2)
        .flat()
        .filter((arg): arg is string => typeof arg === 'string');
      const run = await load();
      await run({ io, profile: options.profile, tenant: options.tenant, root }, args, options);
    };
}
