import pg from 'pg';
import { newId, newSlug } from '../../activities/platform/ids.ts';
import { runningEcho } from '../../deploy/local/faults/echo-claw.ts';
import type { Fleet } from '../../deploy/local/testing/fleet.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';

/** Rows of instances that exist only in the database, each like a real one that runs, to read from. */
export interface Population {
  readonly ids: readonly string[];
  /** Adds rows until there are this many. */
  growTo(count: number): Promise<void>;
}

const TEAMS = ['sales', 'support', 'finance', 'legal', 'research', 'marketing', 'people', 'platform'];
const STAGES = ['production', 'staging', 'trial'];
const AT_ONCE = 1_000;

const COPY_INSTANCES = `INSERT INTO instance (id, tenant_id, project_id, owner_id, name, slug, labels, type, version, host_id, spec, generation, operation_seq, intent_phase,
    reason, message, conditions, config_hash, applied_version, applied_generation, operation_id, observed_fact, observed_seq, observed_ready, observed_at, created_by, last_updated_by)
  SELECT n.id, i.tenant_id, i.project_id, i.owner_id, n.name, n.slug, n.labels, i.type, i.version, i.host_id, i.spec, i.generation, i.operation_seq, i.intent_phase,
    i.reason, i.message, i.conditions, i.config_hash, i.applied_version, i.applied_generation, n."operationId", i.observed_fact, i.observed_seq, i.observed_ready, i.observed_at,
    i.created_by, i.last_updated_by
  FROM instance i, jsonb_to_recordset($2::jsonb) AS n(id text, name text, slug text, labels jsonb, "operationId" text) WHERE i.id = $1`;

const COPY_OPERATIONS = `INSERT INTO operation (id, tenant_id, instance_id, seq, kind, params, generation, state, steps, allowed, requested_by, started_at, finished_at)
  SELECT n."operationId", o.tenant_id, n.id, o.seq, o.kind, o.params, o.generation, o.state, o.steps, o.allowed, o.requested_by, o.started_at, o.finished_at
  FROM operation o, jsonb_to_recordset($2::jsonb) AS n(id text, "operationId" text) WHERE o.instance_id = $1`;

/** Brings one light claw up for real and copies its rows, as the owner of the tables, under names and labels of their own. */
export async function populate(fleet: Fleet): Promise<Population> {
  const model = await runningEcho(fleet, 'model');
  const ids: string[] = [];
  return {
    ids,
    growTo: async (count) => {
      const sql = new pg.Client({ connectionString: fleet.platform.databaseUrls.owner });
      await sql.connect();
      try {
        while (ids.length < count) {
          const copies = Array.from({ length: Math.min(AT_ONCE, count - ids.length) }, (_, index) => copyNumber(ids.length + index));
          for (const statement of [COPY_INSTANCES, COPY_OPERATIONS]) await sql.query(statement, [model.id, JSON.stringify(copies)]);
          ids.push(...copies.map(({ id }) => id));
        }
        // What autovacuum would do within a minute.
        await sql.query('VACUUM ANALYZE instance, instance_label, operation');
      } finally {
        await sql.end();
      }
    },
  };
}

function copyNumber(index: number) {
  const name = nameOf(index);
  const labels = { team: TEAMS[index % TEAMS.length], stage: STAGES[index % STAGES.length] };
  return { id: newId(IdPrefix.instance), operationId: newId(IdPrefix.operation), name, slug: newSlug(name), labels };
}

/** Name of the copy with this index. */
export function nameOf(index: number): string {
  return `${TEAMS[index % TEAMS.length]}-bot-${String(index).padStart(5, '0')}`;
}
