import type { Client } from '@temporalio/client';
import type pg from 'pg';
import type { z } from 'zod';
import { Failure } from '../../workflows/contracts/failures.ts';
import { hostObserverWorkflowId, IdPrefix, idPattern, instanceWorkflowId, providerVerifyWorkflowId } from '../../workflows/contracts/ids.ts';
import type { trace } from './system.schema.ts';

type Trace = z.infer<typeof trace>;

/** What was found in the database; `withRun` asks the workflow engine for the rest. */
export interface FoundTrace {
  withRun(temporal: Client, uiUrl: string | null): Promise<Trace>;
}

type Found = Omit<Trace, 'id' | 'workflow'> & { readonly workflowId: string | null };

const OPERATIONS_MAX = 100;
const RUN_MS = 1500;

const FINDERS: readonly (readonly [RegExp, (sql: pg.ClientBase, id: string) => Promise<Found | null>])[] = [
  [new RegExp(idPattern(IdPrefix.operation)), findOperation],
  [new RegExp(idPattern(IdPrefix.instance)), (sql, id) => findInstance(sql, id, 'instance')],
  [new RegExp(idPattern(IdPrefix.host)), (sql, id) => findHost(sql, id, 'host')],
  [new RegExp(idPattern(IdPrefix.provider)), (sql, id) => findProvider(sql, id, 'provider')],
  [/^instance\//, (sql, id) => findInstance(sql, id.split('/')[1] ?? '', 'workflow')],
  [/^host\//, (sql, id) => findHost(sql, id.split('/')[1] ?? '', 'workflow')],
  [/^provider\//, (sql, id) => findProvider(sql, id.split('/')[1] ?? '', 'workflow')],
  [/^/, findRequest],
];

/** What an id of any kind belongs to, in the tenant that `sql` runs as. Throws NOT_FOUND. */
export async function findTrace(sql: pg.ClientBase, id: string): Promise<FoundTrace> {
  const found = await FINDERS.find(([form]) => form.test(id))?.[1](sql, id);
  if (!found) {
    throw new Failure('NOT_FOUND', 'Nothing here has this id.', {
      nextStep: 'Check that the id is whole and of this tenant. The id of a request is kept with the operations that it began; of others only the log knows.',
    });
  }
  const { workflowId, ...rest } = found;
  return {
    withRun: async (temporal, uiUrl) => ({
      id,
      ...rest,
      workflow: workflowId === null ? null : await describe(temporal, workflowId, uiUrl),
    }),
  };
}

async function describe(temporal: Client, id: string, uiUrl: string | null): Promise<NonNullable<Trace['workflow']>> {
  const runId = await temporal
    .withDeadline(Date.now() + RUN_MS, () => temporal.workflow.getHandle(id).describe())
    .then(
      (description) => description.runId,
      () => null,
    );
  const page = uiUrl && `${uiUrl.replace(/\/$/, '')}/namespaces/${encodeURIComponent(temporal.options.namespace)}/workflows/${encodeURIComponent(id)}`;
  return { id, runId, url: page && (runId === null ? page : `${page}/${encodeURIComponent(runId)}`) };
}

async function findOperation(sql: pg.ClientBase, id: string): Promise<Found | null> {
  const { rows } = await sql.query<{ instance_id: string; request_id: string | null }>('SELECT instance_id, request_id FROM operation WHERE id = $1', [id]);
  const [row] = rows;
  if (!row) return null;
  return { kind: 'operation', requestId: row.request_id, operationIds: [id], instanceId: row.instance_id, workflowId: instanceWorkflowId(row.instance_id) };
}

async function findInstance(sql: pg.ClientBase, id: string, kind: 'instance' | 'workflow'): Promise<Found | null> {
  const { rowCount } = await sql.query('SELECT 1 FROM instance WHERE id = $1', [id]);
  if (rowCount === 0) return null;
  const operations = await sql.query<{ id: string }>('SELECT id FROM operation WHERE instance_id = $1 ORDER BY seq DESC LIMIT $2', [id, OPERATIONS_MAX]);
  return { kind, requestId: null, operationIds: operations.rows.map((row) => row.id), instanceId: id, workflowId: instanceWorkflowId(id) };
}

async function findHost(sql: pg.ClientBase, id: string, kind: 'host' | 'workflow'): Promise<Found | null> {
  const { rowCount } = await sql.query('SELECT 1 FROM host WHERE id = $1', [id]);
  return rowCount === 0 ? null : { kind, requestId: null, operationIds: [], instanceId: null, workflowId: hostObserverWorkflowId(id) };
}

async function findProvider(sql: pg.ClientBase, id: string, kind: 'provider' | 'workflow'): Promise<Found | null> {
  const { rows } = await sql.query<{ revision: number }>('SELECT revision FROM provider WHERE id = $1', [id]);
  const [row] = rows;
  return row ? { kind, requestId: null, operationIds: [], instanceId: null, workflowId: providerVerifyWorkflowId(id, row.revision) } : null;
}

/** One request may have begun operations of many instances; only of one is there one workflow. */
async function findRequest(sql: pg.ClientBase, id: string): Promise<Found | null> {
  const { rows } = await sql.query<{ id: string; instance_id: string }>(
    'SELECT id, instance_id FROM operation WHERE request_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2',
    [id, OPERATIONS_MAX],
  );
  const [first] = rows;
  if (!first) return findEntered(sql, id);
  const instances = new Set(rows.map((row) => row.instance_id));
  const instanceId = instances.size === 1 ? first.instance_id : null;
  return { kind: 'request', requestId: id, operationIds: rows.map((row) => row.id), instanceId, workflowId: instanceId && instanceWorkflowId(instanceId) };
}

/** A request that began no operation is known by what it entered into the audit. */
async function findEntered(sql: pg.ClientBase, id: string): Promise<Found | null> {
  const { rows } = await sql.query<{ target: string }>('SELECT target FROM audit_event WHERE request_id = $1 ORDER BY seq DESC LIMIT 1', [id]);
  const [row] = rows;
  if (!row) return null;
  const { instanceId, workflowId } = (await findInstance(sql, row.target, 'instance')) ?? { instanceId: null, workflowId: null };
  return { kind: 'request', requestId: id, operationIds: [], instanceId, workflowId };
}
