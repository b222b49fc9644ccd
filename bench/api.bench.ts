import { registerEcho } from '../deploy/local/faults/echo-claw.ts';
import type { Fleet } from '../deploy/local/testing/fleet.ts';
import type { Bench, BenchContext } from './lib/bench.ts';
import { cpuMilliseconds } from './lib/cpu-time.ts';
import { loopbackUrl, withFleet } from './lib/fleet.ts';
import { type HttpCaller, openHttpCaller } from './lib/http-caller.ts';
import { type PacedResult, paced } from './lib/pace.ts';
import { nameOf, type Population, populate } from './lib/populate.ts';
import { row } from './lib/row.ts';
import { percentile, spreadRows } from './lib/statistics.ts';

const TOP_RATE = 350;
const RATES = [50, 100, 200, TOP_RATE] as const;
const TARGET_P95_MS = 60;
const TARGET_P99_MS = 150;
const WARM_UP = { perSecond: 100, seconds: 2 } as const;

/** A kind of request; `path` of the one with this index, so that not always the same row is asked for. */
interface Question {
  readonly name: string;
  readonly path: (index: number) => string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How fast the API answers what the portal and `claw` ask for most, with a large fleet in the database. */
export const apiBench: Bench = {
  name: 'api',
  what: 'list, detail and search at rising rates, with thousands of instances',
  options: [
    { name: 'rows', byDefault: 5_000, what: 'instances in the database' },
    { name: 'seconds', byDefault: 10, what: 'length of each rate' },
  ],
  limitMinutes: 12,
  run: (context) =>
    withFleet(context, async (fleet) => {
      await registerEcho(fleet);
      const caller = openHttpCaller();
      try {
        await measure(fleet, caller, context);
      } finally {
        caller.close();
      }
    }),
};

async function measure(fleet: Fleet, caller: HttpCaller, context: BenchContext): Promise<void> {
  const rows = context.option('rows');
  const population = await populate(fleet);
  const [list, ...others] = questions(population, rows);
  for (const some of growth(rows)) {
    context.say(`${some} instances ...`);
    await population.growTo(some);
    if (some < rows) await series(fleet, caller, context, list, some, TOP_RATE, false);
  }
  for (const question of [list, ...others]) {
    for (const rate of RATES) await series(fleet, caller, context, question, rows, rate, rate === TOP_RATE);
  }
}

/** Sizes to show how the cost of a list grows; the last is the one that everything is measured with. */
function growth(rows: number): number[] {
  return [Math.round(rows / 10), rows].filter((count) => count > 0);
}

function questions({ ids }: Population, rows: number): [Question, ...Question[]] {
  // Steps through the rows without a pattern that a cache of neighbours would help.
  const any = (index: number) => (index * 7_919) % rows;
  return [
    { name: 'list', path: () => '/instances?limit=50' },
    { name: 'list by label', path: () => '/instances?limit=50&labels=team%3Dsales' },
    { name: 'list, gzip', path: () => '/instances?limit=50', headers: { 'accept-encoding': 'gzip' } },
    { name: 'detail', path: (index) => `/instances/${ids[any(index)]}` },
    { name: 'search', path: (index) => `/instances?limit=50&q=${nameOf(any(index)).slice(-5)}` },
  ];
}

async function series(fleet: Fleet, caller: HttpCaller, context: BenchContext, question: Question, rows: number, rate: number, judged: boolean): Promise<void> {
  const base = `${loopbackUrl(fleet)}/api/v1`;
  const headers = { authorization: `Bearer ${fleet.apiKey}`, ...question.headers };
  const ask = async (index: number) => (await caller.call(base + question.path(index), headers)).status === 200;
  await paced({ ...WARM_UP, signal: context.signal }, ask);
  const before = cpuOf(fleet);
  const result = await paced({ perSecond: rate, seconds: context.option('seconds'), signal: context.signal }, ask);
  const after = cpuOf(fleet);
  const title = `${question.name} of ${rows.toLocaleString('en-US')} at ${rate}/s`;
  context.say(`${title}: p95 ${Math.round(percentile(result.latencies, 0.95))} ms, sent up to ${Math.round(result.sentLateMs)} ms late`);
  const targets = judged ? { p95: TARGET_P95_MS, p99: TARGET_P99_MS } : { p95: null, p99: null };
  context.measured(...spreadRows(title, result.latencies, 'ms', { p50: null, ...targets }), row(`${title}: not answered with 200`, result.failed, '', 0));
  if (rate === TOP_RATE) context.measured(...costRows(title, result, before, after));
}

interface CpuTimes {
  readonly api: number | null;
  readonly postgres: number | null;
}

function cpuOf({ platform }: Fleet): CpuTimes {
  const of = (part: string) => {
    const { pid } = platform.part(part);
    return pid === null ? null : cpuMilliseconds(pid);
  };
  return { api: of('api'), postgres: of('postgres') };
}

function costRows(title: string, { latencies, achievedPerSecond }: PacedResult, before: CpuTimes, after: CpuTimes) {
  const perRequest = (part: keyof CpuTimes) => {
    const [from, to] = [before[part], after[part]];
    return from === null || to === null ? [] : [row(`${title}: CPU of ${part} per request`, (to - from) / latencies.length, 'ms')];
  };
  return [row(`${title}: answered`, achievedPerSecond, '1/s'), ...perRequest('api'), ...perRequest('postgres')];
}
