import type pg from 'pg';
import { inTransaction } from '../../prisma/client.ts';
import { type NewFleetEvent, recordFleetEvents } from '../../prisma/fleet-event.ts';
import { insertEvents } from '../../prisma/outbox-event.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import type { InstanceFact } from '../../workflows/contracts/instance.ts';
import type { WorkloadFact } from '../../workflows/contracts/workload.ts';
import { decideSignal } from './decide-signal.ts';
import { eventsOfFact } from './fact-events.ts';

const BATCH = 500;

/** A fact that waits, with what it must tell the entity of its instance. */
export interface PendingFact {
  readonly id: string;
  readonly instanceId: string;
  readonly signal: InstanceFact | null;
}

interface Row {
  readonly id: string;
  readonly tenant_id: string;
  readonly instance_id: string;
  readonly fact: WorkloadFact;
  readonly intent_phase: string | null;
  readonly operation_open: boolean;
  readonly desired: string | null;
  readonly generation: number | null;
  readonly files_hash: string | null;
}

// A fact about an instance of another host says nothing: the bridge of a host speaks for its own claws.
const NEXT = `SELECT f.id::text, f.tenant_id, f.instance_id, f.fact, i.intent_phase, w.desired, w.generation, w.document->>'filesHash' AS files_hash,
    EXISTS (SELECT 1 FROM operation o WHERE o.instance_id = f.instance_id AND o.finished_at IS NULL) AS operation_open
  FROM host_fact f
  LEFT JOIN instance i ON i.id = f.instance_id AND i.host_id = f.host_id AND i.tenant_id = f.tenant_id
  LEFT JOIN workload w ON w.instance_id = f.instance_id
  WHERE f.host_id = $1 AND NOT (f.id = ANY($2::bigint[])) ORDER BY f.id LIMIT ${BATCH}`;

// Locked before they are compared: while one observer takes over from another both may read the same facts.
const OBSERVED = `SELECT id, tenant_id, intent_phase, observed_fact, observed_seq::text FROM instance WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE`;

const PROJECT = `UPDATE instance i SET observed_fact = b.fact, observed_seq = b.seq, observed_ready = b.ready, observed_restarts = b.restarts, observed_at = now()
  FROM (SELECT * FROM jsonb_to_recordset($1) AS r(instance_id text, fact jsonb, seq bigint, ready boolean, restarts integer)) b
  WHERE i.id = b.instance_id AND i.observed_seq < b.seq
  RETURNING i.id, i.tenant_id`;

/**
 * Writes the next batch of a host's facts into the observed columns, newest per instance, in one statement, with an event for each
 * instance that changed, and what the steps between them mean into the feed. A fact that is not newer than what was seen changes
 * nothing, so a batch may be read twice. Answers the batch; its rows stay until they are dropped, and `known` ones are left out.
 */
export async function projectFacts(pool: pg.Pool, hostId: string, known: readonly string[]): Promise<readonly PendingFact[]> {
  return inTransaction(pool, async (sql) => {
    const { rows } = await sql.query<Row>({ name: 'next-facts', text: NEXT, values: [hostId, known] });
    const newest = new Map<string, Row>();
    for (const row of rows) if (row.intent_phase !== null && row.fact.seq > (newest.get(row.instance_id)?.fact.seq ?? -1)) newest.set(row.instance_id, row);
    if (newest.size > 0) {
      const events = await happenings(sql, hostId, rows, [...newest.keys()]);
      await project(sql, [...newest.values()]);
      await recordFleetEvents(sql, '/observer', events);
    }
    return rows.map((row) => ({ id: row.id, instanceId: row.instance_id, signal: signalOf(row) }));
  });
}

interface ObservedRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly intent_phase: string;
  readonly observed_fact: WorkloadFact | null;
  readonly observed_seq: string;
}

/** What happened, from the last fact that was seen of each instance through the new ones of the batch. */
async function happenings(sql: pg.PoolClient, hostId: string, rows: readonly Row[], instanceIds: readonly string[]): Promise<NewFleetEvent[]> {
  const observed = await sql.query<ObservedRow>({ name: 'observed-facts', text: OBSERVED, values: [instanceIds] });
  return observed.rows.flatMap(({ id, tenant_id: tenantId, intent_phase: intentPhase, observed_fact: seen, observed_seq }) => {
    const own = rows.filter((row) => row.instance_id === id && row.intent_phase !== null && row.fact.seq > Number(observed_seq));
    return own
      .sort((a, b) => a.fact.seq - b.fact.seq)
      .flatMap(({ fact, files_hash: filesHash }, index) =>
        eventsOfFact({ tenantId, instanceId: id, hostId, intentPhase, filesHash }, index === 0 ? seen : (own[index - 1]?.fact ?? null), fact),
      );
  });
}

async function project(sql: pg.PoolClient, rows: readonly Row[]): Promise<void> {
  const batch = rows.map(({ instance_id, fact }) => ({
    instance_id,
    fact,
    seq: fact.seq,
    ready: fact.phase === 'running' && fact.ready,
    restarts: fact.restarts,
  }));
  const changed = await sql.query<{ id: string; tenant_id: string }>({ name: 'project-facts', text: PROJECT, values: [JSON.stringify(batch)] });
  if (changed.rows.length === 0) return;
  const type = EventType.instanceUpdated;
  await insertEvents(
    sql,
    changed.rows.map(({ id, tenant_id }) => ({ tenantId: tenant_id, source: '/observer', type, subject: id })),
  );
}

function signalOf(row: Row): InstanceFact | null {
  if (row.intent_phase === null) return null;
  const desired = row.generation === null ? null : { generation: row.generation, state: row.desired ?? '', filesHash: row.files_hash };
  return decideSignal(row.fact, { intentPhase: row.intent_phase, operationOpen: row.operation_open, desired });
}

/** Drops facts that are dealt with. */
export async function dropFacts(pool: pg.Pool, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await pool.query({ name: 'drop-facts', text: 'DELETE FROM host_fact WHERE id = ANY($1::bigint[])', values: [ids] });
}
