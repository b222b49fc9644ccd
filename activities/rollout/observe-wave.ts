import type pg from 'pg';
import { z } from 'zod';
import { Phase } from '../../workflows/contracts/instance.ts';
import type { RolloutPlan, RolloutRef } from '../../workflows/contracts/rollout.ts';
import type { Observation } from '../../workflows/contracts/rollout-record.ts';
import type { OutboundGuard } from '../platform/outbound.ts';
import { createOutboundFetch } from '../platform/outbound-fetch.ts';
import type { RolloutDeps } from './activities.ts';

/** Instances that a verdict names. */
const NAMED = 5;
const CHECK_PATIENCE_MS = 10_000;
const ANSWER_BYTES_MAX = 64 * 1024;
const answerOfCheck = z.object({ verdict: z.enum(['proceed', 'hold', 'fail']) });

// Restarts count from the end of the change: what the change itself needed is part of it.
const INSTANCES = `SELECT i.name, i.phase = '${Phase.running}' AS ready, greatest(0, i.observed_restarts - coalesce(t.restarts, 0)) AS restarts
  FROM rollout_target t JOIN instance i ON i.id = t.instance_id
  WHERE t.rollout_id = $1 AND t.wave = $2 AND t.state IN ('applied', 'failed') AND t.runs AND i.destroyed_at IS NULL ORDER BY i.name`;
const TRAFFIC = `SELECT count(*)::integer AS requests, (count(*) FILTER (WHERE u.status >= 400))::integer AS errors,
    (percentile_cont(0.95) WITHIN GROUP (ORDER BY u.latency_ms))::integer AS p95, coalesce(sum(u.cost_micro_usd), 0)::bigint AS cost
  FROM usage_record u JOIN rollout_target t ON t.instance_id = u.instance_id
  WHERE t.rollout_id = $1 AND t.wave = $2 AND t.state = 'applied' AND u.at >= t.finished_at`;

/** See {@link RolloutActivities.observeWave}. */
export async function observeWave(
  { database, outbound }: RolloutDeps,
  { tenantId, rolloutId, wave }: RolloutRef & { readonly wave: number },
): Promise<Observation> {
  const { seen, urls } = await database.withTenantSql(tenantId, (sql) => look(sql, rolloutId, wave));
  const answers = await Promise.all(urls.map(async (url) => [url, await askCheck(outbound, url, { rolloutId, wave })] as const));
  return { ...seen, answers: Object.fromEntries(answers) };
}

async function look(sql: pg.ClientBase, rolloutId: string, wave: number): Promise<{ seen: Omit<Observation, 'answers'>; urls: readonly string[] }> {
  const { rows: instances } = await sql.query<{ name: string; ready: boolean; restarts: number }>(INSTANCES, [rolloutId, wave]);
  const { rows: traffic } = await sql.query<{ requests: number; errors: number; p95: number | null; cost: string }>(TRAFFIC, [rolloutId, wave]);
  const { rows: plans } = await sql.query<{ plan: RolloutPlan }>('SELECT plan FROM rollout WHERE id = $1', [rolloutId]);
  const missing = instances.filter(({ ready }) => !ready);
  const worst = instances.reduce<(typeof instances)[number] | null>((most, one) => (one.restarts > (most?.restarts ?? 0) ? one : most), null);
  const { requests = 0, errors = 0, p95 = null, cost = '0' } = traffic[0] ?? {};
  const checks = plans[0]?.plan.waves[wave]?.gate?.checks ?? [];
  return {
    seen: {
      instances: instances.length,
      ready: instances.length - missing.length,
      notReady: missing.slice(0, NAMED).map(({ name }) => name),
      restarts: worst?.restarts ?? 0,
      restarted: worst?.name ?? null,
      requests,
      errors,
      p95Milliseconds: p95,
      costMicroUsd: Number(cost),
    },
    urls: checks.flatMap((check) => (check.kind === 'http' ? [check.url] : [])),
  };
}

/** What an address says; null when it cannot be reached in time or says nothing that counts, which never lets a rollout go on. */
export async function askCheck(outbound: OutboundGuard, url: string, about: { rolloutId: string; wave: number }): Promise<Observation['answers'][string]> {
  try {
    const fetch = createOutboundFetch(outbound, { timeoutMs: CHECK_PATIENCE_MS, maxBytes: ANSWER_BYTES_MAX });
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(about) });
    if (!response.ok) return null;
    const parsed = answerOfCheck.safeParse(await response.json());
    return parsed.success ? parsed.data.verdict : null;
  } catch {
    // Whatever kept it from answering, it has not agreed.
    return null;
  }
}
