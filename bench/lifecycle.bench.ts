import { createEcho, destroy, registerEcho } from '../deploy/local/faults/echo-claw.ts';
import { survey } from '../deploy/local/faults/survey.ts';
import { type Fleet, ok, readInstance } from '../deploy/local/testing/fleet.ts';
import type { Bench, BenchContext } from './lib/bench.ts';
import { type Birth, readBirths, selfSaidReady, startsOf, stepDurations } from './lib/births.ts';
import { withFleet } from './lib/fleet.ts';
import { row } from './lib/row.ts';
import { percentile, spreadRows } from './lib/statistics.ts';
import { waitFor } from './lib/wait.ts';

const OVERHEAD_TARGET_MS = 1_000;
const BEYOND_BOOT_TARGET_MS = 3_000;

/** What the control plane adds to the life of a claw, beside what the claw itself takes. */
export const lifecycleBench: Bench = {
  name: 'lifecycle',
  what: 'what creating a claw costs: real claws one after another, light ones at once',
  options: [
    { name: 'count', byDefault: 10, what: 'OpenClaw claws, one after another; one more before them is not counted' },
    { name: 'light', byDefault: 50, what: 'light claws, at once' },
  ],
  limitMinutes: 20,
  run: (context) =>
    withFleet(context, async (fleet) => {
      await registerEcho(fleet);
      await oneAfterAnother(fleet, context);
      const most = context.option('light');
      for (const count of new Set([Math.min(1, most), Math.min(10, most), most])) await atOnce(fleet, context, count);
      await untilNothingRuns(fleet, context);
      const strays = await survey(fleet);
      for (const stray of strays) context.say(stray);
      context.measured(row('left over after destroying all of them', strays.length, '', 0));
    }),
};

interface RealBirth extends Birth {
  readonly requestMs: number;
  readonly selfReady: number;
  /** The API said Running. */
  readonly running: number;
}

async function oneAfterAnother(fleet: Fleet, context: BenchContext): Promise<void> {
  const births: RealBirth[] = [];
  for (let index = 0; index <= context.option('count'); index += 1) {
    const birth = await bearOpenClaw(fleet, `real-${index}`, context.signal);
    if (index > 0) births.push(birth);
    const { accepted, spawned, running } = birth;
    context.say(`OpenClaw ${index}: process after ${spawned && Math.round(spawned - accepted)} ms, Running after ${Math.round(running - accepted)} ms`);
  }
  const spawned = births.map((birth) => (birth.spawned ?? Number.NaN) - birth.accepted);
  const boots = births.map((birth) => birth.selfReady - (birth.spawned ?? Number.NaN));
  const running = births.map((birth) => birth.running - birth.accepted);
  context.measured(
    ...spreadRows(
      'OpenClaw: create answered',
      births.map((birth) => birth.requestMs),
      'ms',
      { p50: null, p95: null },
    ),
    ...spreadRows('OpenClaw: accepted -> process spawned', spawned, 'ms', { p50: null, p95: OVERHEAD_TARGET_MS, max: null }),
    ...spreadRows('OpenClaw: its own boot (spawned -> it says ready)', boots, 'ms', { p50: null, p95: null }),
    ...spreadRows('OpenClaw: accepted -> API says Running', running, 'ms', { p50: null, p95: null }),
    ...spreadRows(
      'OpenClaw: Running beyond its own boot',
      running.map((total, index) => total - (boots[index] ?? Number.NaN)),
      'ms',
      {
        p50: null,
        p95: BEYOND_BOOT_TARGET_MS,
      },
    ),
    ...stepRows('OpenClaw', births),
  );
}

async function bearOpenClaw(fleet: Fleet, name: string, signal: AbortSignal): Promise<RealBirth> {
  const sent = performance.now();
  const answer = ok(await fleet.api.POST('/instances', { body: { name, type: 'openclaw', config: { overrides: [{ key: 'model.name', value: 'demo' }] } } }));
  const requestMs = performance.now() - sent;
  if (!('operation' in answer) || !answer.instance) throw new Error('the API accepted nothing');
  const { instance, operation } = answer;
  const [selfReady, running] = await Promise.all([selfSaidReady(fleet, instance.id, signal), saidRunning(fleet, instance.id, signal)]);
  await untilEnded(fleet, [operation.id], signal);
  const [birth] = await readBirths(fleet, [operation.id]);
  if (!birth) throw new Error('the operation is gone');
  const end = await destroy(fleet, instance.id);
  if (end.state !== 'succeeded') throw new Error(`destroy ended ${end.state}`);
  return { ...birth, requestMs, selfReady, running };
}

function saidRunning(fleet: Fleet, id: string, signal: AbortSignal): Promise<number> {
  return waitFor(`${id} is Running`, { everyMs: 25, seconds: 300, signal }, async () => {
    const { status } = await readInstance(fleet, id);
    if (status.phase === 'Failed') throw new Error(`create failed: ${status.message}`);
    return status.phase === 'Running' ? Date.now() : null;
  });
}

/** Waits in the database: asking the API for each of them would be load of its own. */
function untilEnded(fleet: Fleet, operationIds: readonly string[], signal: AbortSignal): Promise<true> {
  return waitFor('the operations end', { everyMs: 100, seconds: 300, signal }, async () => {
    const { rows } = await fleet.database.query<{ open: boolean }>('SELECT bool_or(finished_at IS NULL) AS open FROM operation WHERE id = ANY($1)', [
      operationIds,
    ]);
    return rows[0]?.open ? null : true;
  });
}

async function atOnce(fleet: Fleet, context: BenchContext, count: number): Promise<void> {
  if (count === 0) return;
  const title = `${count} light claw${count === 1 ? '' : 's at once'}`;
  const created = await Promise.all(Array.from({ length: count }, (_, index) => createEcho(fleet, `light-${count}-${index}`)));
  const operationIds = created.map(({ operation }) => operation.id);
  await untilEnded(fleet, operationIds, context.signal);
  const births = await readBirths(fleet, operationIds);
  const begin = Math.min(...births.map(({ accepted }) => accepted));
  const end = Math.max(...births.map(({ finished }) => finished ?? Number.NaN));
  const lost = count - births.filter(({ state, phase }) => state === 'succeeded' && phase === 'Running').length;
  const twice = births.filter(({ slug, restarts }) => startsOf(fleet, slug) !== 1 || restarts > 0).length;
  context.say(`${title}: all ended after ${Math.round(end - begin)} ms`);
  context.measured(
    ...spreadRows(
      `${title}: accepted -> process spawned`,
      births.map((birth) => (birth.spawned ?? Number.NaN) - birth.accepted),
      'ms',
      { p50: null, p95: null },
    ),
    ...spreadRows(
      `${title}: its own boot, as the host saw it`,
      births.map((birth) => (birth.seenReady ?? Number.NaN) - (birth.spawned ?? Number.NaN)),
      'ms',
      { p50: null },
    ),
    row(`${title}: first accepted -> last operation ended`, end - begin, 'ms'),
    row(`${title}: brought up`, (count / (end - begin)) * 1000, 'claws/s'),
    row(`${title}: not Running at the end`, lost, 'claws', 0),
    row(`${title}: started more or less than once`, twice, 'claws', 0),
    ...(count === context.option('light') ? stepRows(title, births) : []),
  );
  const ends = await Promise.all(created.map(({ instance }) => destroy(fleet, instance.id)));
  context.measured(row(`${title}: not destroyed`, ends.filter(({ state }) => state !== 'succeeded').length, 'claws', 0));
}

function stepRows(title: string, births: readonly Birth[]) {
  return [...stepDurations(births)].map(([step, durations]) => row(`${title}: step ${step}, p50`, percentile(durations, 0.5), 'ms'));
}

/** Deliveries that are on their way are none of the left-overs. */
async function untilNothingRuns(fleet: Fleet, { signal }: BenchContext): Promise<void> {
  await waitFor('everything is delivered', { everyMs: 200, seconds: 60, signal }, async () => {
    const { rows } = await fleet.database.query<{ pending: number }>(
      "SELECT count(*)::integer AS pending FROM outbox WHERE kind = 'command' AND delivered_at IS NULL",
    );
    return rows[0]?.pending === 0 ? true : null;
  });
}
