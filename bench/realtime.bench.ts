import { setTimeout as sleep } from 'node:timers/promises';
import { registerEcho, runningEcho } from '../deploy/local/faults/echo-claw.ts';
import { type Fleet, instanceInPhase, ok } from '../deploy/local/testing/fleet.ts';
import type { Bench, BenchContext } from './lib/bench.ts';
import { withFleet } from './lib/fleet.ts';
import { type Listeners, openListeners } from './lib/listeners.ts';
import { row } from './lib/row.ts';
import { spreadRows } from './lib/statistics.ts';

const SEEN_TARGET_MS = 1_000;
const PATIENCE_SECONDS = 10;

/** How long after a change everybody who looks at the fleet has heard of it. */
export const realtimeBench: Bench = {
  name: 'realtime',
  what: 'from a change to the sockets of everybody who looks',
  options: [
    { name: 'sockets', byDefault: 200, what: 'open portals' },
    { name: 'count', byDefault: 50, what: 'changes by the API for each number of sockets' },
    { name: 'crashes', byDefault: 10, what: 'claws whose process is killed' },
  ],
  limitMinutes: 10,
  run: (context) =>
    withFleet(context, async (fleet) => {
      await registerEcho(fleet);
      const listeners = openListeners(fleet);
      try {
        await measure(fleet, listeners, context);
      } finally {
        listeners.close();
      }
    }),
};

async function measure(fleet: Fleet, listeners: Listeners, context: BenchContext): Promise<void> {
  const most = context.option('sockets');
  const claw = await runningEcho(fleet, 'watched');
  for (const count of new Set([Math.min(1, most), Math.min(50, most), most])) {
    await listeners.growTo(count);
    await byRequest(fleet, listeners, context, claw.id, count === most);
  }
  await byCrash(fleet, listeners, context);
}

/** Somebody changes a label: from sending the request to each socket, and to the last. */
async function byRequest(fleet: Fleet, listeners: Listeners, context: BenchContext, id: string, judged: boolean): Promise<void> {
  const title = `${listeners.count} socket${listeners.count === 1 ? '' : 's'}: request sent -> heard`;
  const each: number[] = [];
  const last: number[] = [];
  let unheard = 0;
  for (let index = 0; index < context.option('count'); index += 1) {
    const heard = listeners.hear((message) => message.id === id && message.type === 'instance.updated', PATIENCE_SECONDS);
    const sent = Date.now();
    ok(await fleet.api.PUT('/instances/{id}', { params: { path: { id }, header: { 'If-Match': '*' } }, body: { labels: { turn: String(index) } } }));
    const delays = (await heard.moments).map((moment) => moment - sent);
    each.push(...delays);
    last.push(Math.max(...delays));
    unheard += listeners.count - delays.length;
    // The operation behind the change tells more; the next turn must not take that for its own.
    await untilQuiet(fleet, id, context.signal);
  }
  context.say(`${title}: ${last.length} changes`);
  const target = judged ? SEEN_TARGET_MS : null;
  context.measured(
    ...spreadRows(`${title}, each`, each, 'ms', { p50: null, p95: target }),
    ...spreadRows(`${title}, the last of them`, last, 'ms', { p50: null, p95: target }),
    row(`${listeners.count} sockets: not told`, unheard, '', 0),
  );
}

/** The process of a claw dies: over host, bridge, API, observer and relay to each socket. */
async function byCrash(fleet: Fleet, listeners: Listeners, context: BenchContext): Promise<void> {
  const each: number[] = [];
  let unheard = 0;
  for (let index = 0; index < context.option('crashes'); index += 1) {
    const claw = await runningEcho(fleet, `crashing-${index}`);
    await untilQuiet(fleet, claw.id, context.signal);
    const pid = await processOf(fleet, claw.id);
    const heard = listeners.hear((message) => message.id === claw.id && message.type === 'instance.updated', PATIENCE_SECONDS);
    const killed = Date.now();
    process.kill(pid, 'SIGKILL');
    const moments = await heard.moments;
    each.push(...moments.map((moment) => moment - killed));
    unheard += listeners.count - moments.length;
    await instanceInPhase(fleet, claw.id, 'Running');
  }
  const title = `${listeners.count} sockets: process of a claw killed -> heard`;
  context.measured(...spreadRows(title, each, 'ms', { p50: null, p95: SEEN_TARGET_MS }), row(`${title}: not told`, unheard, '', 0));
}

async function processOf(fleet: Fleet, id: string): Promise<number> {
  const { rows } = await fleet.database.query<{ pid: number }>("SELECT (observed_fact->>'pid')::integer AS pid FROM instance WHERE id = $1", [id]);
  const pid = rows[0]?.pid;
  if (!pid) throw new Error('the claw has no process');
  return pid;
}

/** Nothing of this claw is under way and everything that was told is delivered. */
async function untilQuiet(fleet: Fleet, id: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { rows } = await fleet.database.query<{ busy: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM operation WHERE instance_id = $1 AND finished_at IS NULL) OR EXISTS (SELECT 1 FROM outbox WHERE delivered_at IS NULL) AS busy`,
      [id],
    );
    if (!rows[0]?.busy) break;
    await sleep(20, undefined, { signal });
  }
  // Delivered to the sockets' server is not yet heard at the other end.
  await sleep(50, undefined, { signal });
}
