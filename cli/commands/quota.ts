import type { components } from '../../frontend/src/api/schema.d.ts';
import { openSession, type Session, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode, usageError } from '../lib/errors.ts';
import { type OutputFormat, printRows } from '../lib/output.ts';
import { QUOTAS, type QuotaScope } from '../views/quota.ts';

type Quota = components['schemas']['Quota'];

interface SetOptions {
  readonly project?: string;
  readonly instances?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly storage?: string;
  readonly output: OutputFormat;
}

/** The word that takes a limit away. */
const NONE = 'none';

function print({ io }: Context, output: OutputFormat, quota: Quota): Promise<void> {
  return printRows(io, output, QUOTAS, [quota.tenant, ...quota.projects], quota);
}

/** `claw quota show`. */
export async function showQuota(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const { api } = await openSession(context);
  await print(context, output, await take(api.GET('/quota')));
}

/** `claw quota set`: what is not named stays as it is. */
export async function setQuota(context: Context, _args: readonly string[], { output, project, ...options }: SetOptions): Promise<void> {
  const { instances, cpu, memory, storage } = options;
  if (![instances, cpu, memory, storage].some((limit) => limit !== undefined)) throw usageError('There is no limit to set.', 'See: claw quota set --help');
  const session = await openSession(context);
  const quota = await take(session.api.GET('/quota'));
  const scope = project === undefined ? quota.tenant : findProject(quota.projects, project);
  const limits = {
    instances: instances === undefined ? scope.limits.instances : instances === NONE ? null : wholeNumber(instances),
    cpu: cpu === undefined ? scope.limits.cpu : cpu === NONE ? null : cpu,
    memory: memory === undefined ? scope.limits.memory : memory === NONE ? null : memory,
    storage: storage === undefined ? scope.limits.storage : storage === NONE ? null : storage,
  };
  await print(context, output, await put(session, scope, limits));
}

function put({ api }: Session, { kind, id }: QuotaScope, body: components['schemas']['QuotaLimits']): Promise<Quota> {
  const params = { path: { id } };
  return take(kind === 'tenant' ? api.PUT('/tenants/{id}/quota', { params, body }) : api.PUT('/projects/{id}/quota', { params, body }));
}

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,7}$/.test(text)) throw usageError(`${text} is no number of instances.`, `Give a whole number, or ${NONE}.`);
  return Number(text);
}

/** The project that is meant by a name or an id. */
export function findProject<T extends { readonly id: string; readonly name: string }>(projects: readonly T[], word: string): T {
  const found = projects.find(({ id, name }) => id === word || name === word);
  if (!found) {
    const known = projects.map(({ name }) => name).join(', ');
    throw new CliError(ExitCode.notFound, `There is no project "${word}" here.`, { code: 'NOT_FOUND', nextStep: known ? `There is: ${known}` : undefined });
  }
  return found;
}
