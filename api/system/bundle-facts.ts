import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { scrub } from '../../workflows/contracts/redaction.ts';

/** How names of instances, hosts and providers are written. */
export interface Naming {
  /** A name, or what stands for it all over one bundle. */
  name(given: string): string;
  /** A text without secrets, and where names are hidden without those that were named before. */
  text(given: string): string;
}

/** `hide`: names are replaced by hashes that differ from bundle to bundle. */
export function createNaming(hide: boolean): Naming {
  if (!hide) return { name: (given) => given, text: scrub };
  const salt = randomBytes(16);
  const known = new Map<string, string>();
  const name = (given: string): string => {
    const hashed = known.get(given) ?? `name-${createHash('sha256').update(salt).update(given).digest('hex').slice(0, 8)}`;
    known.set(given, hashed);
    return hashed;
  };
  const text = (given: string): string => {
    const longestFirst = [...known].sort(([a], [b]) => b.length - a.length);
    return longestFirst.reduce((left, [real, hashed]) => left.replaceAll(new RegExp(`(?<![\\w-])${escaped(real)}(?![\\w-])`, 'g'), hashed), scrub(given));
  };
  return { name, text };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|-]/g, '\\$&');
}

/** Facts about the fleet of one tenant, each field named here; nothing else of a row leaves. */
export async function readFleetFacts(sql: pg.ClientBase, naming: Naming) {
  const select = async <T extends pg.QueryResultRow>(query: string): Promise<T[]> => (await sql.query<T>(query)).rows;
  const instances = await select<{ name: string; slug: string; message: string | null }>(
    `SELECT i.id, i.name, i.slug, i.type, i.version, i.phase, i.intent_phase, i.reason, i.message, i.generation, i.applied_generation, i.observed_ready,
       i.observed_restarts, i.observed_at, i.host_id, i.created_at, i.transition_at, i.spec->'resources' AS resources
     FROM instance i WHERE i.destroyed_at IS NULL ORDER BY i.id LIMIT 5000`,
  );
  const hosts = await select<{ name: string; info: Record<string, unknown> | null }>(
    "SELECT id, name, connected, info - 'hostname' AS info, last_seen_at, created_at, jsonb_array_length(unknown_claws) AS unknown_claws FROM host ORDER BY id",
  );
  const providers = await select<{ name: string; error: unknown }>(
    'SELECT id, name, kind, cardinality(models) AS models, state, error, verified_at, credential IS NOT NULL AS has_credential FROM provider ORDER BY id',
  );
  const known = instances.map((row) => ({ ...row, name: naming.name(row.name), slug: naming.name(row.slug) }));
  const named = {
    hosts: hosts.map((row) => ({ ...row, name: naming.name(row.name) })),
    providers: providers.map((row) => ({ ...row, name: naming.name(row.name) })),
  };
  const operations = await select<{ steps: unknown; error: unknown }>(
    `SELECT id, instance_id, seq, kind, generation, state, steps, error, request_id, created_at, started_at, finished_at FROM operation
     WHERE (finished_at IS NULL OR (state IN ('failed', 'cancelled') AND created_at > now() - interval '7 days')) ORDER BY created_at DESC LIMIT 200`,
  );
  const events = await select(
    `SELECT id, type, severity, subject_kind, subject_id, instance_id, host_id, operation_id, request_id, data->>'code' AS code, count, first_at, last_at
     FROM fleet_event WHERE last_at > now() - interval '7 days' ORDER BY last_at DESC LIMIT 500`,
  );
  const counts = await select(
    `SELECT 'instance' AS kind, phase AS state, count(*)::integer FROM instance GROUP BY phase
     UNION ALL SELECT 'operation', state, count(*)::integer FROM operation GROUP BY state ORDER BY 1, 2`,
  );
  return { instances: known, ...named, operations, events, counts };
}
