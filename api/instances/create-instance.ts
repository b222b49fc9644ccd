import type pg from 'pg';
import { newId, newSlug } from '../../activities/platform/ids.ts';
import { Failure, isFailure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { InstanceSpec } from '../../workflows/contracts/instance.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import { acceptOperation, lockInstance } from './admission.ts';
import { reserveSlot } from './host-slot.ts';
import type { CreateInstanceBody } from './instance.schema.ts';
import { startingLayers } from './layers.ts';
import { assertPolicies, reserveQuota } from './limits.ts';
import { assertSecrets, mayUseSecrets } from './named-secrets.ts';
import type { ClawCatalog } from './ports.ts';
import { amountsOf, resolveSpec } from './spec.ts';

export interface Created {
  readonly instanceId: string;
  readonly operationId: string;
  readonly spec: InstanceSpec;
}

/**
 * Accepts a new instance in the caller's transaction: everything is checked, quota and a slot of a host reserved, desired state, operation,
 * command, events and audit written. Throws before or with the whole transaction, so nothing half-made stays. `ownerId`: whose own it is.
 */
export async function createInstance(
  sql: pg.PoolClient,
  context: RequestContext,
  catalog: ClawCatalog,
  body: CreateInstanceBody,
  ownerId: string | null = null,
): Promise<Created> {
  const actor = actorOf(context);
  const { tenantId, userId } = actor;
  const adapter = await catalog.find(sql, body.type);
  const projectId = await findProject(sql, body.projectId);
  const layers = await startingLayers(sql, { type: adapter.type, projectId }, body.config?.layers);
  const draft = resolveSpec(adapter, body, null, '', layers);
  await assertSecrets(sql, adapter, { spec: draft, layers, before: null, mayUse: mayUseSecrets(actor) });
  await assertPolicies(sql, { adapter, projectId, spec: draft });
  await reserveQuota(sql, projectId, null, draft);
  const hosts = await candidateHosts(sql, body.placement?.hostId);
  const id = newId(IdPrefix.instance);
  const [firstHost] = hosts;
  if (!firstHost) throw new Failure('HOST_OFFLINE', 'No host is online.', { nextStep: 'Start the bridge on a host.' });
  await insertInstance(sql, { id, tenantId, projectId, userId, ownerId, name: body.name, labels: body.labels, spec: draft, hostId: firstHost });
  const hostId = await reserveOnFirst(sql, hosts, tenantId, id, draft);
  const spec: InstanceSpec = { ...draft, placement: { driver: 'host', hostId } };
  await sql.query('UPDATE instance SET host_id = $2 WHERE id = $1', [id, hostId]);
  const operationId = await acceptOperation(sql, context, await lockInstance(sql, id), { kind: 'create', change: { spec } });
  return { instanceId: id, operationId, spec };
}

/** The named project, or the first that the caller sees. Throws NOT_FOUND. */
export async function findProject(sql: pg.ClientBase, wanted: string | undefined): Promise<string> {
  const { rows } = await sql.query<{ id: string }>(
    'SELECT id FROM project WHERE deleted_at IS NULL AND ($1::text IS NULL OR id = $1) ORDER BY created_at, id LIMIT 1 FOR KEY SHARE',
    [wanted ?? null],
  );
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such project.', { errors: [{ path: '/projectId', message: 'is not a project of this tenant' }] });
  return rows[0].id;
}

/** The named host, or every online one, oldest first. */
async function candidateHosts(sql: pg.ClientBase, wanted: string | undefined): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    'SELECT id FROM host WHERE CASE WHEN $1::text IS NULL THEN connected AND info IS NOT NULL ELSE id = $1 END ORDER BY created_at, id',
    [wanted ?? null],
  );
  if (wanted && rows.length === 0)
    throw new Failure('NOT_FOUND', 'There is no such host.', { errors: [{ path: '/placement/hostId', message: 'is not a host of this tenant' }] });
  return rows.map((row) => row.id);
}

interface NewInstance {
  readonly id: string;
  readonly tenantId: string;
  readonly projectId: string;
  readonly userId: string;
  readonly ownerId: string | null;
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly spec: InstanceSpec;
  readonly hostId: string;
}

async function insertInstance(sql: pg.ClientBase, instance: NewInstance): Promise<void> {
  try {
    await sql.query(
      `INSERT INTO instance (id, tenant_id, project_id, name, slug, labels, type, version, host_id, spec, owner_id, created_by, last_updated_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)`,
      [
        instance.id,
        instance.tenantId,
        instance.projectId,
        instance.name,
        newSlug(instance.name),
        JSON.stringify(instance.labels),
        instance.spec.type,
        instance.spec.version,
        instance.hostId,
        JSON.stringify(instance.spec),
        instance.ownerId,
        instance.userId,
      ],
    );
  } catch (error) {
    throw nameTaken(error, instance.name) ?? error;
  }
}

/** NAME_TAKEN when the error says that a living instance of the project has the name, else null. */
export function nameTaken(error: unknown, name: string): Failure | null {
  const { code, constraint } = error as { code?: string; constraint?: string };
  if (code !== '23505' || constraint !== 'instance_living_name_key') return null;
  return new Failure('NAME_TAKEN', `An instance named ${name} is there already.`, { errors: [{ path: '/name', message: 'is in use' }] });
}

/** The first host that has the amounts; with several, the failure of the last one is told when none has. */
async function reserveOnFirst(sql: pg.ClientBase, hosts: readonly string[], tenantId: string, instanceId: string, spec: InstanceSpec): Promise<string> {
  const amounts = amountsOf(spec.resources);
  let refused: unknown = new Failure('UNSCHEDULABLE');
  for (const hostId of hosts) {
    await sql.query('SAVEPOINT reserve');
    try {
      await reserveSlot(sql, hostId, tenantId, instanceId, amounts);
      return hostId;
    } catch (error) {
      if (!isFailure(error)) throw error;
      refused = error;
      await sql.query('ROLLBACK TO SAVEPOINT reserve');
    }
  }
  throw refused;
}
