import { registerEcho } from '../deploy/local/faults/echo-claw.ts';
import type { Fleet } from '../deploy/local/testing/fleet.ts';
import type { Bench, BenchContext } from './lib/bench.ts';
import { loopbackUrl, withFleet } from './lib/fleet.ts';
import { type HttpCaller, openHttpCaller } from './lib/http-caller.ts';
import { type PacedResult, paced } from './lib/pace.ts';
import { populate } from './lib/populate.ts';
import { row } from './lib/row.ts';
import { percentile, spreadRows } from './lib/statistics.ts';

const LISTS_PER_SECOND = 50;
const TARGET_P95_MS = 300;
/** What lists may lose while people sign in: less than what anybody notices. */
const TARGET_ADDED_MS = 10;
const WARM_UP_SECONDS = 2;

/** What signing in costs those who do, and everybody else meanwhile: the hash of a password is meant to be slow. */
export const signInBench: Bench = {
  name: 'signin',
  what: 'sign-ins at a steady rate while lists are read, and the same lists without them',
  options: [
    { name: 'rate', byDefault: 4, what: 'sign-ins a second' },
    { name: 'rows', byDefault: 1_000, what: 'instances in the database' },
    { name: 'seconds', byDefault: 30, what: 'length of each part' },
  ],
  limitMinutes: 10,
  run: (context) =>
    withFleet(
      context,
      async (fleet) => {
        await registerEcho(fleet);
        await (await populate(fleet)).growTo(context.option('rows'));
        const caller = openHttpCaller();
        try {
          await measure(fleet, caller, context);
        } finally {
          caller.close();
        }
      },
      { models: false },
    ),
};

async function measure(fleet: Fleet, caller: HttpCaller, context: BenchContext): Promise<void> {
  const { signal } = context;
  const base = loopbackUrl(fleet);
  const list = async () => (await caller.call(`${base}/api/v1/instances?limit=50`, { authorization: `Bearer ${fleet.apiKey}` })).status === 200;
  const enter = async () => (await caller.call(`${base}/api/auth/sign-in/email`, { origin: fleet.platform.url }, fleet.admin)).status === 200;
  const lists = (seconds: number) => paced({ perSecond: LISTS_PER_SECOND, seconds, signal }, list);
  const signIns = (seconds: number) => paced({ perSecond: context.option('rate'), seconds, signal }, enter);
  await Promise.all([lists(WARM_UP_SECONDS), signIns(WARM_UP_SECONDS)]);
  // The half without sign-ins comes before and after, so that whatever else the machine does meets both alike.
  const half = context.option('seconds') / 2;
  const before = await lists(half);
  const [beside, entered] = await Promise.all([lists(half * 2), signIns(half * 2)]);
  const after = await lists(half);
  report(context, entered, [before, after], beside);
}

function report(context: BenchContext, entered: PacedResult, alone: readonly PacedResult[], beside: PacedResult): void {
  const quiet = alone.flatMap(({ latencies }) => latencies);
  context.measured(
    ...spreadRows(`sign-in at ${context.option('rate')}/s`, entered.latencies, 'ms', { p50: null, p95: TARGET_P95_MS, max: null }),
    row('sign-ins not answered with 200', entered.failed, '', 0),
    ...spreadRows(`list at ${LISTS_PER_SECOND}/s without sign-ins`, quiet, 'ms', { p50: null, p95: null }),
    ...spreadRows('the same beside them', beside.latencies, 'ms', { p50: null, p95: null }),
    row('what sign-ins add to a list, p95', percentile(beside.latencies, 0.95) - percentile(quiet, 0.95), 'ms', TARGET_ADDED_MS),
    row(
      'lists not answered with 200',
      [...alone, beside].reduce((sum, { failed }) => sum + failed, 0),
      '',
      0,
    ),
  );
}
