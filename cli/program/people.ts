import { Argument, type Command, Option } from 'commander';
import { collect } from '../lib/parse.ts';
import { ROLES } from '../views/people.ts';
import { type Act, outputOption } from './options.ts';

const ONE = ['table', 'json', 'yaml', 'name'];

/** Commands about who belongs to the tenant. Modules load when their command runs. */
export function addPeopleCommands(program: Command, act: Act): void {
  addMemberCommands(program, act);
  outputOption(
    program
      .command('invite')
      .summary('invite people by e-mail')
      .description('Makes a link for each address that works once, for three days. It is mailed when a mail server is set up; otherwise hand it over.')
      .argument('<email...>', 'e-mail addresses')
      .addOption(new Option('--role <role>', 'what they will be').choices(ROLES).makeOptionMandatory())
      .option('--grant <project=role>', 'what they will be in one project beside that, repeatable', collect),
    ONE,
  ).action(act(async () => (await import('../commands/invitation.ts')).invite));
  const invitations = program.command('invitation').alias('invitations').summary('list, revoke and renew invitations');
  outputOption(
    invitations
      .command('list', { isDefault: true })
      .summary('invitations, newest first')
      .addOption(new Option('--state <state>', 'only those in this state').choices(['pending', 'accepted', 'revoked', 'expired'])),
  ).action(act(async () => (await import('../commands/invitation.ts')).listInvitations));
  outputOption(
    invitations.command('resend').summary('make a new link; the one before stops working').argument('<invitation>', 'e-mail address or id'),
    ONE,
  ).action(act(async () => (await import('../commands/invitation.ts')).resendInvitation));
  invitations
    .command('revoke')
    .summary('let its link stop working')
    .argument('<invitation>', 'e-mail address or id')
    .action(act(async () => (await import('../commands/invitation.ts')).revokeInvitation));
}

function addMemberCommands(program: Command, act: Act): void {
  const members = program.command('member').alias('members').summary('see and manage who belongs to the tenant');
  outputOption(members.command('list', { isDefault: true }).summary('members').option('--search <text>', 'part of a name or an address')).action(
    act(async () => (await import('../commands/member.ts')).listMembers),
  );
  outputOption(
    members
      .command('set-role')
      .summary('give a member another role')
      .argument('<member>', 'e-mail address or id')
      .addArgument(new Argument('<role>', 'what they will be').choices(ROLES)),
    ONE,
  ).action(act(async () => (await import('../commands/member.ts')).setRole));
  outputOption(
    members.command('remove').summary('end a membership, also your own').argument('<member>', 'e-mail address or id').option('-y, --yes', 'do not ask'),
    ONE,
  ).action(act(async () => (await import('../commands/member.ts')).removeMember));
}
