import { survey, UNFINISHED_KEYS } from '../../deploy/local/faults/survey.ts';
import { auditLedger, auditOrder, type RecordedOperation, restingPhases } from './ledger.ts';
import type { World } from './world.ts';

const OPERATIONS = `SELECT id, instance_id AS "instanceId", seq, kind, request_id AS "requestId", state, started_at AS "startedAt", finished_at AS "finishedAt" FROM operation`;

/** What must never be found when all is at rest, beside the rules of {@link survey}; each a query that answers offenders. */
const RULES: ReadonlyArray<{ readonly rule: string; readonly sql: string }> = [
  { rule: 'an event that was never told', sql: "SELECT seq || ' ' || (payload->>'type') AS subject FROM outbox WHERE delivered_at IS NULL" },
  { rule: 'a fact that was never handled', sql: "SELECT seq || ' of ' || instance_id AS subject FROM host_fact" },
  {
    rule: 'an instance that counts other operations than it has',
    sql: 'SELECT i.id AS subject FROM instance i WHERE i.operation_seq <> (SELECT count(*) FROM operation o WHERE o.instance_id = i.id)',
  },
  {
    rule: 'a claw that should run and does not',
    sql: "SELECT i.name || ' ' || i.phase || ' ' || coalesce(i.observed_fact->>'phase', 'unseen') AS subject FROM instance i WHERE i.intent_phase = 'Running' AND i.phase <> 'Running'",
  },
  {
    rule: 'a claw that was told something else than its phase says',
    sql: `SELECT i.name || ' ' || i.intent_phase || ' ' || coalesce(w.desired, 'nothing') AS subject FROM instance i LEFT JOIN workload w ON w.instance_id = i.id
      WHERE i.intent_phase = 'Running' AND w.desired IS DISTINCT FROM 'running' OR i.intent_phase = 'Stopped' AND w.desired = 'running'`,
  },
  {
    rule: 'an accepted operation that was not audited once',
    sql: `SELECT o.id AS subject FROM operation o WHERE (SELECT count(*) FROM audit_event a WHERE a.request_id = o.request_id AND a.action = 'instance.' || o.kind) <> 1`,
  },
  {
    rule: 'a gap in the audit',
    sql: 'SELECT tenant_id AS subject FROM audit_event GROUP BY tenant_id HAVING count(*) <> max(seq) OR max(seq) <> (SELECT h.seq FROM audit_head h WHERE h.tenant_id = audit_event.tenant_id)',
  },
  { rule: 'a sealed copy of a revoked model key', sql: 'SELECT id AS subject FROM model_key WHERE revoked_at IS NOT NULL AND sealed IS NOT NULL' },
  {
    rule: 'a living model key that is older than one in use',
    sql: `SELECT k.id || ' of ' || k.instance_id AS subject FROM model_key k WHERE k.revoked_at IS NULL
      AND EXISTS (SELECT 1 FROM model_key n WHERE n.instance_id = k.instance_id AND n.generation > k.generation AND n.state = 'delivered' AND n.sealed IS NULL)`,
  },
  {
    rule: 'a destroyed instance that is not marked so',
    sql: "SELECT id AS subject FROM instance WHERE (destroyed_at IS NULL) <> (intent_phase <> 'Destroyed')",
  },
];

/** Everything in the database that is not as it must be. */
export async function checkRecord(world: World): Promise<string[]> {
  const { database } = world.fleet;
  const found = await survey(world.fleet, Object.values(UNFINISHED_KEYS));
  for (const { rule, sql } of RULES) {
    const { rows } = await database.query<{ subject: string }>(sql);
    found.push(...rows.map(({ subject }) => `${rule}: ${subject}`));
  }
  const { rows: operations } = await database.query<RecordedOperation>(OPERATIONS);
  found.push(...auditLedger(world.asked, operations), ...auditOrder(operations));
  const { rows: instances } = await database.query<{ id: string; name: string; phase: string }>('SELECT id, name, intent_phase AS phase FROM instance');
  const byInstance = Map.groupBy(operations, ({ instanceId }) => instanceId);
  for (const { id, name, phase } of instances) {
    const allowed = restingPhases(byInstance.get(id) ?? []);
    if (allowed && !allowed.includes(phase)) found.push(`an instance is ${phase} where its last operation leaves it ${allowed.join(' or ')}: ${name} ${id}`);
  }
  return found;
}
