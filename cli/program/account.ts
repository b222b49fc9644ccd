import type { Command } from 'commander';
import { parseCount, parseUrl } from '../lib/parse.ts';
import { type Act, outputOption } from './options.ts';

/** Commands about who you are: set-up, sign-in, keys. Modules load when their command runs. */
export function addAccountCommands(program: Command, act: Act): void {
  program
    .command('setup')
    .summary('make the first admin of a new platform')
    .description('Makes the first admin with the single-use code that the start of the platform printed, and signs you in.')
    .option('--url <url>', 'address of the platform (default: CLAW_URL)', parseUrl)
    .requiredOption('--token <code>', 'the set-up code')
    .requiredOption('--email <email>', 'your e-mail address')
    .option('--name <name>', 'your name (default: the part of the address before the @)')
    .option('--password-stdin', 'read the password from standard input')
    .action(act(async () => (await import('../commands/setup.ts')).setup));
  program
    .command('login')
    .summary('sign in to a platform')
    .description(
      'Signs in with e-mail and password, makes an API key for this machine and stores it in a profile. With --web a person who is signed in to the portal lets it in: for a second step, a passkey, or the sign-in of an organization.',
    )
    .option('--url <url>', 'address of the platform (default: CLAW_URL, then the profile)', parseUrl)
    .option('--email <email>', 'your e-mail address (default: the profile)')
    .option('--password-stdin', 'read the password from standard input')
    .option('--web', 'sign in by the browser, with a code')
    .option('--tenant <tenant>', 'sign in to this one of your tenants, by name or id (default: the first)')
    .action(act(async () => (await import('../commands/login.ts')).login));
  program
    .command('logout')
    .summary('revoke the key of the profile and forget it')
    .action(act(async () => (await import('../commands/logout.ts')).logout));
  outputOption(program.command('whoami').summary('show who you are and where'), ['table', 'json', 'yaml', 'name']).action(
    act(async () => (await import('../commands/whoami.ts')).whoami),
  );
  addApiKeyCommands(program, act);
}

function addApiKeyCommands(program: Command, act: Act): void {
  const keys = program.command('api-key').summary('list, make and revoke API keys');
  outputOption(keys.command('list', { isDefault: true }).summary('your API keys')).action(act(async () => (await import('../commands/api-key.ts')).listKeys));
  outputOption(keys.command('create').summary('make a key; it is printed once').argument('<name>', 'what it is for'), ['table', 'json', 'yaml', 'name'])
    .option('--scope <scope...>', 'read or write (default: both)')
    .option('--role <role>', 'what it is at most: owner, admin, operator, approver, member or viewer (default: what you are)')
    .option('--project <id...>', 'projects that it sees (default: what you see)')
    .option('--expires-at <time>', 'RFC 3339 time after which it is refused')
    .action(act(async () => (await import('../commands/api-key.ts')).createKey));
  outputOption(keys.command('rotate').summary('replace a key by one that may the same; it is printed once').argument('<key>', 'its id or name'), [
    'table',
    'json',
    'yaml',
    'name',
  ])
    .option('--overlap <seconds>', 'how long the old one goes on working (default: 3600)', parseCount(0))
    .action(act(async () => (await import('../commands/api-key.ts')).rotateKey));
  keys
    .command('revoke')
    .summary('revoke a key')
    .argument('<key>', 'its id or name')
    .action(act(async () => (await import('../commands/api-key.ts')).revokeKey));
}
