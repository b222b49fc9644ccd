import { type Command, Option } from 'commander';
import { parseCount, parseSince } from '../lib/parse.ts';
import { type Act, outputOption, timeoutOption } from './options.ts';

function filterOptions(command: Command): Command {
  return command
    .option('--actor <id>', 'by this person or API key')
    .option('--action <action>', 'an action such as instance.create, or a resource such as instance')
    .option('--target <id>', 'what was done to this')
    .addOption(new Option('--result <result>', 'what came of it').choices(['done', 'refused', 'failed']))
    .option('--since <time>', 'of this time or later: 5m, 1h, 2d or an RFC 3339 time', parseSince)
    .option('--until <time>', 'before this time', parseSince);
}

/** Commands about the audit and the keys of the platform. Modules load when their command runs. */
export function addSecurityCommands(program: Command, act: Act): void {
  const audit = program.command('audit').summary('who did what, as a list, a file, and proved');
  outputOption(
    filterOptions(audit.command('list', { isDefault: true }).summary('entries, oldest first')).option('--limit <count>', 'at most so many', parseCount(1), 50),
  ).action(act(async () => (await import('../commands/audit.ts')).listAudit));
  filterOptions(audit.command('export').summary('every entry that matches, for programs or spreadsheets'))
    .addOption(new Option('--format <format>', 'one JSON per line, or a table').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--to <file>', 'into a new file instead of standard output')
    .action(act(async () => (await import('../commands/audit.ts')).exportAudit));
  outputOption(audit.command('verify').summary('prove that no entry was removed or changed'), ['table', 'json', 'yaml', 'name']).action(
    act(async () => (await import('../commands/audit.ts')).verifyAudit),
  );
  const keys = program.command('keys').summary('the keys that secrets are sealed with; for administrators of the platform');
  outputOption(keys.command('status', { isDefault: true }).summary('the key that seals now, and the last rotations')).action(
    act(async () => (await import('../commands/keys.ts')).keysStatus),
  );
  outputOption(
    timeoutOption(
      keys
        .command('rotate')
        .summary('make a new key and seal everything with it; nothing stops meanwhile')
        .option('--no-wait', 'do not wait for the end')
        .option('-y, --yes', 'do not ask'),
    ),
    ['table', 'json', 'yaml', 'name'],
  ).action(act(async () => (await import('../commands/keys.ts')).rotateKeys));
}
