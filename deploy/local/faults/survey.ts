import { takeInventory } from '../../../bridge/inventory.ts';
import { eventually, type Fleet } from '../testing/fleet.ts';

interface Row {
  readonly subject: string;
}

/** An operation that was interrupted leaves these to the next one that brings the claw up; everything else leaves none. */
export const UNFINISHED_KEYS = { twoLiving: 'two living model keys of one instance', sealedCopy: 'a sealed copy of a key that was delivered' } as const;

const UNDELIVERED = "SELECT key || ' ' || (payload->>'kind') AS subject FROM outbox WHERE kind = 'command' AND delivered_at IS NULL";

/** What must never be found in the database after a fault, each as a query that answers offenders. */
const DATABASE_RULES: ReadonlyArray<{ readonly rule: string; readonly sql: string }> = [
  {
    rule: 'an accepted operation that has not ended',
    sql: "SELECT id || ' ' || kind || ' ' || state AS subject FROM operation WHERE finished_at IS NULL OR state NOT IN ('succeeded', 'failed', 'cancelled')",
  },
  { rule: 'a command that was never delivered', sql: UNDELIVERED },
  {
    rule: 'a step that still looks under way in an ended operation',
    sql: "SELECT o.id || ' ' || (step->>'name') AS subject FROM operation o, jsonb_array_elements(o.steps) step WHERE o.finished_at IS NOT NULL AND step->>'state' IN ('running', 'retrying', 'pending')",
  },
  {
    rule: 'a slot of a destroyed instance',
    sql: 'SELECT i.name AS subject FROM host_slot s JOIN instance i ON i.id = s.instance_id WHERE i.destroyed_at IS NOT NULL',
  },
  {
    rule: 'a workload of a destroyed instance',
    sql: 'SELECT i.name AS subject FROM workload w JOIN instance i ON i.id = w.instance_id WHERE i.destroyed_at IS NOT NULL',
  },
  {
    rule: 'a living model key of a destroyed instance',
    sql: 'SELECT k.id AS subject FROM model_key k JOIN instance i ON i.id = k.instance_id WHERE i.destroyed_at IS NOT NULL AND k.revoked_at IS NULL',
  },
  {
    rule: UNFINISHED_KEYS.twoLiving,
    sql: 'SELECT instance_id AS subject FROM model_key WHERE revoked_at IS NULL GROUP BY instance_id HAVING count(*) > 1',
  },
  { rule: UNFINISHED_KEYS.sealedCopy, sql: 'SELECT id AS subject FROM model_key WHERE sealed IS NOT NULL AND delivered_at IS NOT NULL' },
];

/** Everything that is not as it must be when all work has ended, but for the rules `without`. Empty = nothing lost, nothing twice, nothing orphaned. */
export async function survey(fleet: Fleet, without: readonly string[] = []): Promise<string[]> {
  // That a command was delivered may be noted after its operation has ended; a rule tells of one that never is.
  await eventually('every command is delivered', 60, async () => (await fleet.database.query(UNDELIVERED)).rowCount === 0).catch(() => undefined);
  const found: string[] = [];
  for (const { rule, sql } of DATABASE_RULES.filter((candidate) => !without.includes(candidate.rule))) {
    const { rows } = await fleet.database.query<Row>(sql);
    found.push(...rows.map((row) => `${rule}: ${row.subject}`));
  }
  return [...found, ...(await strayClaws(fleet))];
}

/** What claws have on the machine, told from the machine itself, against what living instances should have. */
async function strayClaws(fleet: Fleet): Promise<string[]> {
  const { claws } = await takeInventory(fleet.platform.clawsDir);
  const { rows } = await fleet.database.query<{ id: string; running: boolean }>(
    "SELECT i.id, coalesce(w.desired = 'running', false) AS running FROM instance i LEFT JOIN workload w ON w.instance_id = i.id WHERE i.destroyed_at IS NULL",
  );
  const living = new Map(rows.map((row) => [row.id, row.running]));
  const found: string[] = [];
  for (const claw of claws) {
    const name = claw.slug ?? `slot ${claw.slot}`;
    const isLiving = claw.instanceId !== null && living.has(claw.instanceId);
    if (!isLiving && claw.folder !== null && !claw.retained) found.push(`a folder of nobody: ${name}`);
    if (!isLiving && claw.cgroup !== null) found.push(`a cgroup of nobody: ${name}`);
    const shouldRun = isLiving && living.get(claw.instanceId ?? '') === true;
    if (!shouldRun && claw.processes.length > 0) found.push(`a process that nobody asked for: ${name} ${claw.processes.join(' ')}`);
    // Somebody else's program may listen there as well; what is left of a claw has its user or its name.
    const isClaws = claw.slug !== null || claw.processes.length > 0;
    if (!shouldRun && isClaws && claw.ports.length > 0) found.push(`a port that nobody asked for: ${name} ${claw.ports.join(' ')}`);
    if (claw.ports.length > 1) found.push(`a claw that listens twice: ${name} ${claw.ports.join(' ')}`);
  }
  return found;
}
