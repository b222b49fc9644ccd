import type { components } from '../../frontend/src/api/schema.d.ts';
import { openSession, readPages, type Session, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { type OutputFormat, printOne, printRows } from '../lib/output.ts';
import { confirm } from '../lib/prompt.ts';
import { isId } from '../lib/resolve.ts';
import { MEMBERS } from '../views/people.ts';

type Schemas = components['schemas'];

/** The member with this e-mail address or id. */
async function findMember({ api }: Session, word: string): Promise<Schemas['Member']> {
  const { items } = await readPages((page) => take(api.GET('/members', { params: { query: { ...page, ...(isId(word, 'usr') ? {} : { q: word }) } } })));
  const found = items.find(({ userId, email }) => userId === word || email === word.toLowerCase());
  if (!found)
    throw new CliError(ExitCode.notFound, `There is no member "${word}" here.`, { code: 'NOT_FOUND', nextStep: 'See who there is: claw member list' });
  return found;
}

/** `claw member list`. */
export async function listMembers(
  context: Context,
  _args: readonly string[],
  { output, search }: { readonly output: OutputFormat; readonly search?: string },
): Promise<void> {
  const { api } = await openSession(context);
  const page = await readPages((query) => take(api.GET('/members', { params: { query: { ...query, ...(search ? { q: search } : {}) } } })));
  await printRows(context.io, output, MEMBERS, page.items, page);
}

/** `claw member set-role MEMBER ROLE`. */
export async function setRole(context: Context, [word = '', role = '']: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const session = await openSession(context);
  const { userId } = await findMember(session, word);
  const member = await take(session.api.PUT('/members/{userId}', { params: { path: { userId } }, body: { role: role as Schemas['Role'] } }));
  await printOne(context.io, output, member, member.email, `${member.email} is ${member.role}.\n`);
}

/** `claw member remove MEMBER`, also oneself. */
export async function removeMember(
  context: Context,
  [word = '']: readonly string[],
  { output, yes }: { readonly output: OutputFormat; readonly yes?: boolean },
): Promise<void> {
  const session = await openSession(context);
  const { userId, email, personalClaws } = await findMember(session, word);
  const claws = personalClaws > 0 ? ` Their ${personalClaws} personal claw${personalClaws > 1 ? 's keep' : ' keeps'} running.` : '';
  if (!yes && !(await confirm(context.io, `Remove ${email}? Their access and their keys end at once.${claws}`, '--yes')))
    throw new CliError(ExitCode.failed, `${email} was not removed.`);
  const removed = await take(session.api.DELETE('/members/{userId}', { params: { path: { userId } } }));
  const kept = removed.personalClaws.map(({ name }) => name).join(', ');
  const text = `${email} is removed. API keys revoked: ${removed.keysRevoked}, invitations revoked: ${removed.invitationsRevoked}.\n${kept ? `Still there, with the tenant: ${kept}\n` : ''}`;
  await printOne(context.io, output, removed, email, text);
}
