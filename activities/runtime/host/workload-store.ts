import type pg from 'pg';
import { Failure } from '../../../workflows/contracts/failures.ts';
import type { SecretValue, Workload, WorkloadFact } from '../../../workflows/contracts/workload.ts';
import type { SecretBox } from '../../platform/secrets.ts';
import type { WorkloadRef } from '../driver.ts';

/** What of a recorded workload changes without its content. */
export type Wish = Partial<Pick<Workload, 'desired' | 'kill' | 'retention'>>;

/** Seals the secrets of a workload for its row. */
export async function sealSecrets(secrets: SecretBox, instanceId: string, values: readonly SecretValue[]): Promise<string> {
  return secrets.seal(JSON.stringify(values), secretContext(instanceId));
}

/** Opens the sealed secrets of a row; none when there are none. */
export async function openSecrets(secrets: SecretBox, instanceId: string, sealed: string | null): Promise<readonly SecretValue[]> {
  if (sealed === null) return [];
  return JSON.parse(await secrets.open(sealed, secretContext(instanceId))) as SecretValue[];
}

function secretContext(instanceId: string): string {
  return `workload/${instanceId}`;
}

/** Records a workload. Throws GENERATION_MISMATCH when a newer one is recorded. */
export async function putWorkload(sql: pg.ClientBase, hostId: string, workload: Workload, sealed: string): Promise<void> {
  const { secretEnv: _sealed, ...document } = workload;
  const { rowCount } = await sql.query({
    name: 'workload-put',
    text: `INSERT INTO workload (instance_id, tenant_id, host_id, generation, desired, document, secrets, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, now())
      ON CONFLICT (instance_id) DO UPDATE SET host_id = excluded.host_id, generation = excluded.generation, desired = excluded.desired,
        document = excluded.document, secrets = excluded.secrets, updated_at = now()
      WHERE workload.generation <= excluded.generation`,
    values: [workload.instanceId, workload.tenantId, hostId, workload.generation, workload.desired, JSON.stringify(document), sealed],
  });
  if (rowCount === 0) throw older(workload.instanceId, workload.generation);
}

/** Changes what is wanted of a recorded workload; nothing when there is none. Throws GENERATION_MISMATCH when a newer one is recorded. */
export async function changeWish(sql: pg.ClientBase, instanceId: string, generation: number, wish: Wish): Promise<void> {
  const { rowCount } = await sql.query({
    name: 'workload-wish',
    text: `UPDATE workload SET generation = $2, desired = coalesce($3::jsonb->>'desired', desired), document = document || $3::jsonb, updated_at = now()
      WHERE instance_id = $1 AND generation <= $2`,
    values: [instanceId, generation, JSON.stringify({ ...wish, generation })],
  });
  if (rowCount === 0 && (await readWorkload(sql, instanceId)) !== null) throw older(instanceId, generation);
}

export async function readWorkload(sql: pg.ClientBase, instanceId: string): Promise<{ workload: Workload; sealed: string | null } | null> {
  const { rows } = await sql.query<{ document: Omit<Workload, 'secretEnv'>; secrets: string | null }>({
    name: 'workload-read',
    text: 'SELECT document, secrets FROM workload WHERE instance_id = $1',
    values: [instanceId],
  });
  const [row] = rows;
  return row ? { workload: { ...row.document, secretEnv: [] }, sealed: row.secrets } : null;
}

/** Removes the record and tells the bridge to forget what it may still have of it. */
export async function deleteWorkload(sql: pg.ClientBase, ref: WorkloadRef): Promise<void> {
  await sql.query('DELETE FROM workload WHERE instance_id = $1', [ref.instanceId]);
  await sql.query("SELECT pg_notify('clawloops_workload', $1)", [`${ref.hostId} ${ref.instanceId}`]);
}

/** Newest fact, whether the observer has handled it or it still waits. */
export async function newestFact(sql: pg.ClientBase, ref: WorkloadRef): Promise<WorkloadFact | null> {
  const { rows } = await sql.query<{ fact: WorkloadFact | null }>({
    name: 'workload-fact',
    text: `SELECT fact FROM (
        SELECT fact, seq FROM host_fact WHERE host_id = $2 AND instance_id = $1
        UNION ALL SELECT observed_fact, observed_seq FROM instance WHERE id = $1 AND observed_fact IS NOT NULL
      ) facts ORDER BY seq DESC LIMIT 1`,
    values: [ref.instanceId, ref.hostId],
  });
  return rows[0]?.fact ?? null;
}

function older(instanceId: string, generation: number): Failure {
  return new Failure('GENERATION_MISMATCH', `A newer generation than ${generation} of ${instanceId} is recorded.`);
}
