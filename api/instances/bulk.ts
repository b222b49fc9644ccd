import type pg from 'pg';
import type { Database } from '../../prisma/client.ts';
import { Failure, type FailureView, isFailure } from '../../workflows/contracts/failures.ts';
import type { Phase } from '../../workflows/contracts/instance.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { OperationKind } from '../../workflows/contracts/operation.ts';
import { Action, authorize, authorizeItem, type Item, type Right } from '../http/authorize.ts';
import type { Actor, RequestContext } from '../http/request-context.ts';
import type { Call, Reply } from '../http/route.ts';
import { lockInstance } from './admission.ts';
import type { BulkAction, BulkBody, BulkItem } from './bulk.schema.ts';
import { actOnInstance, NEEDS_LEAVE, updateInstance } from './change-instance.ts';
import { instancePolicy } from './instance.policy.ts';
import { filterOf } from './instance-queries.ts';
import { refusal } from './legality.ts';
import { policyRefusals } from './limits.ts';
import type { ClawCatalog } from './ports.ts';

export interface BulkDeps {
  readonly database: Database;
  readonly catalog: ClawCatalog;
}

type BulkCall = Call<Record<never, never>, { dryRun?: 'true' | 'false' | undefined }, BulkBody>;

/** An instance as a preview sees it. */
interface Target extends Item {
  readonly id: string;
  readonly name: string;
  readonly phase: Phase;
  readonly active: readonly { readonly id: string; readonly kind: OperationKind }[];
}

/** Answers `POST /instances/bulk`: one admission for each instance, each in a transaction of its own. */
export async function bulk(deps: BulkDeps, call: BulkCall): Promise<Reply> {
  const { action } = call.body;
  authorize(call.actor, rightTo(action));
  if (call.query.dryRun === 'true') {
    const items = await deps.database.withTenantSql(call.actor.tenantId, async (sql) => {
      const found = await findIds(sql, call.body);
      const forbidden = NEEDS_LEAVE.includes(kindOf(action)) ? await policyRefusals(sql, deps.catalog, found) : new Map<string, Failure>();
      return (await readTargets(sql, found)).map(preview(call.actor, action, forbidden));
    });
    return answer(200, items);
  }
  // Found once for a key: what has left the filter by being accepted must not be missing when the request is repeated.
  const found = await call.once(async (sql) => ({ status: 200, body: await findIds(sql, call.body) }), 'targets');
  const ids = found.body as readonly string[];
  const targets = await deps.database.withTenantSql(call.actor.tenantId, (sql) => readTargets(sql, ids));
  const items: BulkItem[] = [];
  for (const target of targets) items.push(await admit(deps, call, target));
  return answer(202, items);
}

function answer(status: number, items: readonly BulkItem[]): Reply {
  const refused = items.filter((item) => item.refusal !== null).length;
  return { status, body: { items, accepted: items.length - refused, refused } };
}

function rightTo({ kind }: BulkAction): Right {
  const action = kind === 'destroy' ? Action.remove : kind === 'label' ? Action.update : Action.operate;
  return { action, policy: instancePolicy };
}

/** FORBIDDEN when the caller has the right, but not on this one; else null. */
function withoutRight(actor: Actor, action: BulkAction, target: Target): Failure | null {
  try {
    authorizeItem(actor, rightTo(action), target);
    return null;
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
}

function kindOf({ kind }: BulkAction): OperationKind {
  return kind === 'label' ? OperationKind.update : kind;
}

async function findIds(sql: pg.ClientBase, { ids, selector }: BulkBody): Promise<readonly string[]> {
  if (ids !== undefined) return [...new Set(ids)];
  const filter = filterOf(selector ?? {});
  const { rows } = await sql.query<{ id: string }>(
    `SELECT i.id FROM instance i ${filter.where} ORDER BY i.name, i.id LIMIT ${filter.value(Limits.bulkMax + 1)}`,
    filter.values,
  );
  if (rows.length > Limits.bulkMax) {
    const message = `matches more than ${Limits.bulkMax} instances`;
    throw new Failure('VALIDATION_FAILED', `The selector ${message}.`, { errors: [{ path: '/selector', message }], nextStep: 'Narrow the selector.' });
  }
  return rows.map(({ id }) => id);
}

/** In the order of the ids; what the tenant does not have stands there by its id alone. */
async function readTargets(sql: pg.ClientBase, ids: readonly string[]): Promise<(Target | { readonly id: string })[]> {
  const { rows } = await sql.query<Target>(
    `SELECT i.id, i.name, i.phase, i.project_id AS "projectId", i.owner_id AS "ownerId", coalesce(o.active, '[]') AS active FROM instance i
     LEFT JOIN LATERAL (SELECT jsonb_agg(jsonb_build_object('id', o.id, 'kind', o.kind) ORDER BY o.seq) AS active
       FROM operation o WHERE o.instance_id = i.id AND o.state IN ('pending', 'running', 'retrying')) o ON true
     WHERE i.id = ANY($1)`,
    [ids],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? { id });
}

function itemOf(target: Target | { readonly id: string }, operationId: string | null, failure: Failure | null): BulkItem {
  const { name = null, phase = null } = target as Partial<Target>;
  return { id: target.id, name, phase, operationId, refusal: failure && viewOf(failure) };
}

function viewOf({ code, message, nextStep }: Failure): FailureView {
  return { code, message, nextStep };
}

function preview(actor: Actor, action: BulkAction, forbidden: ReadonlyMap<string, Failure>): (target: Target | { readonly id: string }) => BulkItem {
  return (target) => {
    if (!('phase' in target)) return itemOf(target, null, new Failure('NOT_FOUND', 'There is no such instance.'));
    return itemOf(target, null, withoutRight(actor, action, target) ?? refusal(target, kindOf(action)) ?? forbidden.get(target.id) ?? null);
  };
}

async function admit({ catalog }: BulkDeps, call: BulkCall, target: Target | { readonly id: string }): Promise<BulkItem> {
  const refused = 'phase' in target ? withoutRight(call.actor, call.body.action, target) : null;
  if (refused) return itemOf(target, null, refused);
  try {
    const { body } = await call.once(async (sql) => ({ status: 202, body: await accept(sql, call.context, catalog, target.id, call.body.action) }), target.id);
    return itemOf(target, body as string, null);
  } catch (error) {
    if (!isFailure(error)) throw error;
    return itemOf(target, null, error);
  }
}

/** Answers the operation's id. Throws what the same act on one instance throws. */
async function accept(sql: pg.PoolClient, context: RequestContext, catalog: ClawCatalog, id: string, action: BulkAction): Promise<string> {
  if (action.kind === 'destroy') return actOnInstance(sql, context, catalog, id, OperationKind.destroy, { retention: action.retention });
  if (action.kind !== 'label') return actOnInstance(sql, context, catalog, id, action.kind);
  const { labels: before } = await lockInstance(sql, id);
  const labels = { ...Object.fromEntries(Object.entries(before).filter(([key]) => !action.remove.includes(key))), ...action.set };
  if (Object.keys(labels).length > Limits.labelsMax) throw new Failure('VALIDATION_FAILED', `It would have more than ${Limits.labelsMax} labels.`);
  return updateInstance(sql, context, catalog, id, { labels }, null);
}
