import type pg from 'pg';
import { z } from 'zod';
import { isFailureCode } from '../../workflows/contracts/failures.ts';
import type { WorkloadFact } from '../../workflows/contracts/workload.ts';

const TEXT_CHARACTERS = 4_000;

/** Made fit for the database instead of refused: a fact that is not kept would be a state of a claw that nobody ever hears of. */
const text = z.string().transform((given) => given.replaceAll('\0', '').slice(0, TEXT_CHARACTERS).toWellFormed());

const word = z.string().regex(/^[\x20-\x7e]*$/);

/** A bridge may run on a machine that is not ours, so what it says is looked at before it is kept. */
const factSchema: z.ZodType<WorkloadFact> = z.object({
  instanceId: word.max(64),
  generation: z.int().nonnegative(),
  seq: z.int().positive(),
  phase: z.enum(['preparing', 'starting', 'running', 'backing-off', 'stopping', 'stopped', 'removed', 'blocked']),
  pid: z.int().positive().nullable(),
  startedAt: z.iso.datetime().nullable(),
  ready: z.boolean(),
  live: z.boolean(),
  exitCode: z.int().nullable(),
  signal: word.max(32).nullable(),
  restarts: z.int().nonnegative(),
  nextStartAt: z.iso.datetime().nullable(),
  filesHash: word.max(128).nullable(),
  error: z.object({ code: z.string().refine(isFailureCode) as z.ZodType<NonNullable<WorkloadFact['error']>['code']>, message: text }).nullable(),
  at: z.iso.datetime(),
});

/** Keeps the facts about instances of this host, each number once, and answers how many were no facts at all. */
export async function storeFacts(pool: pg.Pool, hostId: string, facts: readonly unknown[]): Promise<number> {
  const parsed = facts.map((fact) => factSchema.safeParse(fact));
  const good = parsed.filter((result) => result.success).map((result) => result.data);
  if (good.length > 0) {
    await pool.query({
      name: 'store-facts',
      text: `INSERT INTO host_fact (host_id, tenant_id, instance_id, seq, fact)
        SELECT $1, i.tenant_id, i.id, (f->>'seq')::bigint, f
        FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS given(f, position) JOIN instance i ON i.id = f->>'instanceId' AND i.host_id = $1
        ORDER BY position ON CONFLICT (host_id, seq) DO NOTHING`,
      values: [hostId, JSON.stringify(good)],
    });
  }
  return facts.length - good.length;
}
