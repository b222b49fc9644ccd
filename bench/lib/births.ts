import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import type { EchoState } from '../../deploy/local/faults/echo-claw.ts';
import type { Fleet } from '../../deploy/local/testing/fleet.ts';
import type { OperationStep } from '../../workflows/contracts/operation.ts';
import type { Workload } from '../../workflows/contracts/workload.ts';
import { waitFor } from './wait.ts';

/** When what happened to a claw that was created; times in milliseconds since the epoch, all by the clock of this machine. */
export interface Birth {
  readonly name: string;
  readonly slug: string;
  readonly state: string;
  readonly phase: string;
  readonly restarts: number;
  /** Begin of the transaction that accepted the create. */
  readonly accepted: number;
  /** The host started the process, and saw it ready; null = it has not. */
  readonly spawned: number | null;
  readonly seenReady: number | null;
  /** End of the operation; null while it runs. */
  readonly finished: number | null;
  readonly steps: readonly OperationStep[];
}

const BIRTHS = `SELECT i.name, i.slug, o.state, i.phase, i.observed_restarts AS restarts, o.steps,
    (extract(epoch FROM o.created_at) * 1000)::float8 AS accepted, (extract(epoch FROM o.finished_at) * 1000)::float8 AS finished,
    (extract(epoch FROM (i.observed_fact->>'startedAt')::timestamptz) * 1000)::float8 AS spawned,
    CASE WHEN i.observed_ready THEN (extract(epoch FROM (i.observed_fact->>'at')::timestamptz) * 1000)::float8 END AS "seenReady"
  FROM operation o JOIN instance i ON i.id = o.instance_id WHERE o.id = ANY($1) ORDER BY o.id`;

/** What is recorded of these create operations now. */
export async function readBirths(fleet: Fleet, operationIds: readonly string[]): Promise<Birth[]> {
  const { rows } = await fleet.database.query<Birth>(BIRTHS, [operationIds]);
  return rows;
}

/** How long each step took in each birth, in milliseconds, by name and in the order of the plan; what was skipped is left out. */
export function stepDurations(births: readonly Pick<Birth, 'steps'>[]): Map<string, number[]> {
  const durations = new Map<string, number[]>();
  for (const { name, startedAt, finishedAt } of births.flatMap(({ steps }) => steps)) {
    if (!startedAt || !finishedAt) continue;
    durations.set(name, [...(durations.get(name) ?? []), Date.parse(finishedAt) - Date.parse(startedAt)]);
  }
  return durations;
}

/** The moment at which the claw itself says that it is ready, asked every 20 ms from here: its own boot, without anybody's way of watching it. */
export async function selfSaidReady(fleet: Fleet, instanceId: string, signal: AbortSignal): Promise<number> {
  const workload = await waitFor(`a workload of ${instanceId}`, { everyMs: 20, seconds: 60, signal }, async () => {
    const { rows } = await fleet.database.query<{ document: Workload }>('SELECT document FROM workload WHERE instance_id = $1', [instanceId]);
    return rows[0]?.document ?? null;
  });
  const { port, path } = workload.probes.ready;
  const number = workload.ports[port ?? ''];
  if (number === undefined) throw new Error('the claw has no port to ask');
  return waitFor(`${instanceId} says that it is ready`, { everyMs: 20, seconds: 180, signal }, async () =>
    (await answers(number, path ?? '/')) ? Date.now() : null,
  );
}

function answers(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

/** How often a light claw was started, as it counted itself; 0 when it never was. */
export function startsOf(fleet: Fleet, slug: string): number {
  try {
    const state = JSON.parse(readFileSync(join(fleet.platform.clawsDir, 'claws', slug, 'data', 'state.json'), 'utf8')) as EchoState;
    return state.starts;
  } catch {
    return 0;
  }
}
