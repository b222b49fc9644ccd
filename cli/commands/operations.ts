import type { OperationKind, OperationState } from '../../workflows/contracts/operation.ts';
import { openSession, readPages, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { type OutputFormat, printOne, printRows } from '../lib/output.ts';
import { findInstance } from '../lib/resolve.ts';
import { operationError, waitForOperation } from '../lib/wait.ts';
import { OPERATIONS } from '../views/operation.ts';
import { operationTitle } from '../views/steps.ts';

interface ListOptions {
  readonly output: OutputFormat;
  readonly instance?: string;
  readonly state?: OperationState;
  readonly kind?: OperationKind;
  readonly request?: string;
  readonly limit: number;
}

/** `claw operations list`. */
export async function listOperations(
  context: Context,
  _args: readonly string[],
  { output, instance, state, kind, request, limit }: ListOptions,
): Promise<void> {
  const session = await openSession(context);
  const instanceId = instance ? (await findInstance(session, instance)).id : undefined;
  const filter = { ...(instanceId ? { instanceId } : {}), ...(state ? { state } : {}), ...(kind ? { kind } : {}), ...(request ? { requestId: request } : {}) };
  const page = await readPages((query) => take(session.api.GET('/operations', { params: { query: { ...filter, ...query } } })), limit);
  await printRows(context.io, output, OPERATIONS, page.items, page);
}

/** `claw operations watch ID`: ends as the operation ends, with its error when it did not succeed. */
export async function watchOperation(
  context: Context,
  [id = '']: readonly string[],
  { output, timeout }: { readonly output: OutputFormat; readonly timeout: number },
): Promise<void> {
  const session = await openSession(context);
  const operation = await waitForOperation(context.io, session, id, timeout);
  const failed = operationError(operation);
  if (!failed || output !== 'table') await printOne(context.io, output, operation, operation.id, `${operationTitle(operation)} ${operation.state}.\n`);
  if (failed) throw failed;
}

/** What a person can do to a running operation. */
export type Control = 'retry-now' | 'give-up' | 'cancel';

const SAID: Readonly<Record<Control, string>> = { 'retry-now': 'tries again now', 'give-up': 'is given up', cancel: 'is being cancelled' };

/** `claw operations retry-now|give-up|cancel ID`. */
export async function controlOperation(
  control: Control,
  context: Context,
  [id = '']: readonly string[],
  { output }: { readonly output: OutputFormat },
): Promise<void> {
  const { api } = await openSession(context);
  const params = { params: { path: { id } } };
  const pending = {
    'retry-now': () => api.POST('/operations/{id}/retry-now', params),
    'give-up': () => api.POST('/operations/{id}/give-up', params),
    cancel: () => api.POST('/operations/{id}/cancel', params),
  }[control];
  const operation = await take(pending());
  await printOne(context.io, output, operation, operation.id, `${operationTitle(operation)} ${SAID[control]}.\n`);
}
