import { type Command, Option } from 'commander';
import { collect } from '../lib/parse.ts';
import { type Act, outputOption } from './options.ts';

const ONE = ['table', 'json', 'yaml', 'name'];

/** Commands about the identity provider of the tenant. Modules load when their command runs. */
export function addSsoCommands(program: Command, act: Act): void {
  const sso = program.command('sso').summary('let people sign in by your own identity provider');
  outputOption(sso.command('show', { isDefault: true }).summary('the provider, whom it lets in and as what'), ONE).action(
    act(async () => (await import('../commands/sso.ts')).showSso),
  );
  outputOption(
    sso
      .command('set')
      .summary('connect it; what is not named stays')
      .option('--name <name>', 'what people read on the button')
      .option('--issuer <url>', 'its issuer, e.g. https://login.example.com')
      .option('--client-id <id>', 'the client that you registered there')
      .option('--secret-stdin', 'read the client secret from standard input')
      .option('--domain <domain>', 'domain of the e-mail addresses of people who come by it, repeatable', collect)
      .option('--scope <scope>', 'what to ask for, repeatable; openid, profile, email unless said', collect)
      .option('--groups-claim <claim>', 'claim with the groups of a person, or none')
      .option('--group <group=role>', 'role of a group, repeatable; or none', collect)
      .addOption(
        new Option('--default-role <role>', 'of whoever is in none of the groups; none: they do not come in').choices([
          'admin',
          'operator',
          'approver',
          'member',
          'viewer',
          'none',
        ]),
      )
      .addOption(new Option('--enable', 'let people come by it').conflicts('disable'))
      .addOption(new Option('--disable', 'keep it, but let nobody come by it'))
      .addOption(new Option('--enforce', 'let everybody but owners come by it only').conflicts('relax'))
      .addOption(new Option('--relax', 'let people come with a password too')),
    ONE,
  ).action(act(async () => (await import('../commands/sso.ts')).setSso));
  outputOption(sso.command('test').summary('try it without signing anybody in')).action(act(async () => (await import('../commands/sso.ts')).testSso));
  sso
    .command('remove')
    .summary('remove it; members stay')
    .option('-y, --yes', 'do not ask')
    .action(act(async () => (await import('../commands/sso.ts')).removeSso));
}
