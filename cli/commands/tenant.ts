import type { components } from '../../frontend/src/api/schema.d.ts';
import { openSession, readPages, type Session, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode, usageError } from '../lib/errors.ts';
import { type OutputFormat, printOne, printRows } from '../lib/output.ts';
import { profileOfTenant, readProfiles, writeProfiles } from '../lib/profile.ts';
import { confirm } from '../lib/prompt.ts';
import { TENANTS } from '../views/tenant.ts';

type Tenant = components['schemas']['Tenant'];
interface Printed {
  readonly output: OutputFormat;
}

async function readTenants({ api }: Session, q?: string) {
  return readPages((page) => take(api.GET('/tenants', { params: { query: { ...page, ...(q ? { q } : {}) } } })));
}

/** The tenant with this name or id, among those that one may see. */
async function findTenant(session: Session, word: string): Promise<Tenant> {
  const { items } = await readTenants(session);
  const found = items.filter(({ id, name, state }) => id === word || (name === word && state !== 'deleted'));
  const nextStep = 'Use an id from claw tenant list -o wide.';
  if (!found[0]) throw new CliError(ExitCode.notFound, `There is no tenant "${word}".`, { code: 'NOT_FOUND', nextStep });
  if (found.length > 1) throw new CliError(ExitCode.conflict, `Several tenants are called "${word}".`, { code: 'AMBIGUOUS_NAME', nextStep });
  return found[0];
}

/** `claw tenant list`: one's own; for the platform all. */
export async function listTenants(context: Context, _args: readonly string[], { output, search }: Printed & { readonly search?: string }): Promise<void> {
  const page = await readTenants(await openSession(context), search);
  await printRows(context.io, output, TENANTS, page.items, page);
}

/** `claw tenant use TENANT`: the profile that is signed in there becomes the current one. */
export async function useTenant({ io }: Context, [word = '']: readonly string[]): Promise<void> {
  const file = await readProfiles(io.env);
  const name = profileOfTenant(file, word);
  await writeProfiles(io.env, { ...file, current: name });
  io.stdout.write(`Commands go to ${file.profiles[name]?.tenant?.name ?? word} now, with profile "${name}".\n`);
}

/** `claw tenant create NAME`. */
export async function createTenant(context: Context, [name = '']: readonly string[], { output, owner }: Printed & { readonly owner?: string }): Promise<void> {
  const { api } = await openSession(context);
  const made = await take(api.POST('/tenants', { body: { name, ...(owner ? { owner } : {}) } }));
  const invitation = made.link ? `Hand this link to ${owner}, it is shown only now:\n${made.link}\n` : '';
  await printOne(context.io, output, made, made.tenant.id, `The tenant ${made.tenant.name} is there.\n${invitation}`);
}

/** `claw tenant suspend` and `claw tenant resume`. */
export function setTenantState(state: 'active' | 'suspended') {
  return async (context: Context, [word = '']: readonly string[], { output }: Printed): Promise<void> => {
    const session = await openSession(context);
    const { id } = await findTenant(session, word);
    const tenant = await take(session.api.PUT('/tenants/{id}', { params: { path: { id } }, body: { state } }));
    const text = state === 'suspended' ? 'is suspended; its claws are being stopped' : 'is active again; its claws stay stopped until somebody starts them';
    await printOne(context.io, output, tenant, id, `${tenant.name} ${text}.\n`);
  };
}

/** The word that takes the tenant's own time away. */
const NONE = 'none';

/** `claw tenant set TENANT`. */
export async function setTenant(
  context: Context,
  [word = '']: readonly string[],
  { output, auditKeepDays: days }: Printed & { readonly auditKeepDays: string },
): Promise<void> {
  if (days !== NONE && !/^[0-9]{1,7}$/.test(days)) throw usageError(`${days} is no number of days.`, `Give a whole number, or ${NONE}.`);
  const session = await openSession(context);
  const { id } = await findTenant(session, word);
  const body = { auditKeepDays: days === NONE ? null : Number(days) };
  const tenant = await take(session.api.PUT('/tenants/{id}', { params: { path: { id } }, body }));
  const kept = tenant.auditKeepDays === null ? 'as long as the platform keeps it' : `for ${tenant.auditKeepDays} days`;
  await printOne(context.io, output, tenant, id, `The audit of ${tenant.name} is kept ${kept}.\n`);
}

interface DeleteOptions extends Printed {
  readonly wipe?: boolean;
  readonly yes?: boolean;
}

/** `claw tenant delete TENANT`. */
export async function deleteTenant(context: Context, [word = '']: readonly string[], { output, wipe, yes }: DeleteOptions): Promise<void> {
  const session = await openSession(context);
  const { id, name, instances } = await findTenant(session, word);
  const data = wipe ? 'and everything it has but its audit is wiped' : 'its data is kept';
  if (!yes && !(await confirm(context.io, `Delete the tenant ${name}? Its ${instances} claws are destroyed, ${data}. This cannot be undone.`, '--yes')))
    throw new CliError(ExitCode.failed, `${name} was not deleted.`);
  const retention = wipe ? 'wipe' : 'retain';
  const tenant = await take(session.api.DELETE('/tenants/{id}', { params: { path: { id }, query: { retention } } }));
  await printOne(context.io, output, tenant, id, `${name} is being deleted. See how far it is: claw tenant list\n`);
}
