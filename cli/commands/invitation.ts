import type { components } from '../../frontend/src/api/schema.d.ts';
import { openSession, readPages, type Session, take, takeNothing } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode, usageError } from '../lib/errors.ts';
import { type OutputFormat, printOne, printRows } from '../lib/output.ts';
import { isId } from '../lib/resolve.ts';
import { safeText } from '../lib/text.ts';
import { GRANT_ROLES, INVITATIONS } from '../views/people.ts';

type Schemas = components['schemas'];
type Grant = NonNullable<Schemas['Invite']['grants']>[number];

interface InviteOptions {
  readonly output: OutputFormat;
  readonly role: Schemas['Role'];
  /** `PROJECT=ROLE`. */
  readonly grant?: readonly string[];
}

async function readGrants({ api }: Session, pairs: readonly string[]): Promise<Grant[]> {
  if (pairs.length === 0) return [];
  const { items } = await take(api.GET('/projects'));
  return pairs.map((pair) => {
    const [, project = '', role = ''] = /^(.+)=([^=]+)$/.exec(pair) ?? [];
    const known = GRANT_ROLES.find((one) => one === role);
    if (!known) throw usageError(`--grant ${pair} is not PROJECT=ROLE.`, `Roles in a project: ${GRANT_ROLES.join(', ')}`);
    const found = items.find(({ id, name }) => id === project || name === project);
    if (!found) throw new CliError(ExitCode.notFound, `There is no project "${project}" here.`, { code: 'NOT_FOUND' });
    return { projectId: found.id, role: known };
  });
}

/** `claw invite EMAIL…`: links stand alone on standard output, so that they can be piped; one for each address, in their order. */
export async function invite(context: Context, emails: readonly string[], { output, role, grant = [] }: InviteOptions): Promise<void> {
  const session = await openSession(context);
  const result = await take(session.api.POST('/invitations', { body: { emails: [...emails], role, grants: await readGrants(session, grant) } }));
  const sent = result.items.filter(({ link }) => link !== null);
  const { stderr } = context.io;
  if (output === 'table' && sent.length > 0) {
    const mailed = sent.some(({ invitation }) => invitation?.mailed);
    stderr.write(mailed ? 'Sent by mail. The links are shown only now:\n' : 'No mail server is set up: hand these links over. They are shown only now:\n');
  }
  const text = sent.map(({ email, link }) => (result.items.length > 1 ? `${safeText(email)}  ${link}\n` : `${link}\n`)).join('');
  await printOne(context.io, output, result, sent.map(({ invitation }) => invitation?.id ?? '').join('\n'), text);
  const refused = result.items.flatMap(({ email, refusal }) => (refusal ? [`${safeText(email)}: ${refusal.message} ${refusal.nextStep}`] : []));
  if (refused.length > 0) {
    stderr.write(refused.map((line) => `${line}\n`).join(''));
    throw new CliError(ExitCode.failed, `${refused.length} of ${result.items.length} were not invited.`, { code: 'REFUSED' });
  }
}

/** `claw invitation list`. */
export async function listInvitations(
  context: Context,
  _args: readonly string[],
  { output, state }: { readonly output: OutputFormat; readonly state?: Schemas['InvitationState'] },
): Promise<void> {
  const { api } = await openSession(context);
  const page = await readPages((query) => take(api.GET('/invitations', { params: { query: { ...query, ...(state ? { state } : {}) } } })));
  await printRows(context.io, output, INVITATIONS, page.items, page);
}

/** The newest invitation of this address that may still be accepted or given a new link, or the one with this id. */
async function findInvitation({ api }: Session, word: string): Promise<Pick<Schemas['Invitation'], 'id'>> {
  if (isId(word, 'inv')) return { id: word };
  const { items } = await readPages((query) => take(api.GET('/invitations', { params: { query } })));
  const found = items.find(({ email, state }) => email === word.toLowerCase() && (state === 'pending' || state === 'expired'));
  if (!found) {
    const nextStep = 'See which there are: claw invitation list';
    throw new CliError(ExitCode.notFound, `There is no open invitation of "${word}".`, { code: 'NOT_FOUND', nextStep });
  }
  return found;
}

/** `claw invitation resend INVITATION`: the new link stands alone on standard output. */
export async function resendInvitation(context: Context, [word = '']: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const session = await openSession(context);
  const { id } = await findInvitation(session, word);
  const resent = await take(session.api.POST('/invitations/{id}/resend', { params: { path: { id } }, body: {} }));
  if (output === 'table')
    context.io.stderr.write(`${resent.invitation.mailed ? 'Sent by mail.' : 'Hand it over.'} The link before no longer works; this one is shown only now:\n`);
  await printOne(context.io, output, resent, id, `${resent.link}\n`);
}

/** `claw invitation revoke INVITATION`. */
export async function revokeInvitation(context: Context, [word = '']: readonly string[]): Promise<void> {
  const session = await openSession(context);
  const { id } = await findInvitation(session, word);
  await takeNothing(session.api.DELETE('/invitations/{id}', { params: { path: { id } } }));
  context.io.stdout.write(`Invitation ${id} is revoked.\n`);
}
