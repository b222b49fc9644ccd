import { registerEcho } from '../deploy/local/faults/echo-claw.ts';
import { startFakeOpenAi } from '../deploy/local/testing/fake-openai.ts';
import type { Bench, BenchContext } from './lib/bench.ts';
import { withFleet } from './lib/fleet.ts';
import { openHttpCaller, type Timed } from './lib/http-caller.ts';
import { type ModelRoutes, openModelRoutes } from './lib/model-calls.ts';
import { paced } from './lib/pace.ts';
import { row } from './lib/row.ts';
import { differences, percentile, spreadRows } from './lib/statistics.ts';

const ADDED_TARGET_MS = 10;
const WARM_UP_CALLS = 50;
const RATES = [10, 25] as const;

/** What the model gateway adds to a model call, against the same LiteLLM asked directly; the provider answers at once. */
export const gatewayBench: Bench = {
  name: 'gateway',
  what: 'what the model gateway adds to LiteLLM asked directly',
  options: [
    { name: 'count', byDefault: 400, what: 'calls of each kind, one at a time' },
    { name: 'seconds', byDefault: 20, what: 'length of each rate' },
  ],
  limitMinutes: 12,
  run: async (context) => {
    const provider = await startFakeOpenAi();
    const caller = openHttpCaller();
    try {
      await withFleet(context, async (fleet) => {
        await registerEcho(fleet);
        const routes = await openModelRoutes(fleet, provider, caller);
        const total = ({ totalMs }: Timed) => totalMs;
        await alternating(routes, context, { title: 'whole answer', stream: false, of: { 'whole answer': total } });
        await alternating(routes, context, {
          title: 'stream',
          stream: true,
          of: { 'first byte of a stream': ({ firstByteMs }) => firstByteMs, 'whole stream': total },
        });
        for (const rate of RATES) await atRate(routes, context, rate);
      });
    } finally {
      caller.close();
      await provider.close();
    }
  },
};

interface Series {
  readonly title: string;
  readonly stream: boolean;
  /** Which time of a call is looked at, by name. */
  readonly of: Readonly<Record<string, (call: Timed) => number>>;
}

/** One at a time and in turns, so that whatever else the machine does meets both alike. */
async function alternating(routes: ModelRoutes, context: BenchContext, { title, stream, of }: Series): Promise<void> {
  for (let index = 0; index < WARM_UP_CALLS; index += 1) await Promise.all([routes.direct({ stream }), routes.gateway({ stream })]);
  const direct: Timed[] = [];
  const gateway: Timed[] = [];
  for (let index = 0; index < context.option('count'); index += 1) {
    context.signal.throwIfAborted();
    // Who goes first alternates too: the second finds caches warm.
    const order = index % 2 === 0 ? (['direct', 'gateway'] as const) : (['gateway', 'direct'] as const);
    for (const way of order) (way === 'direct' ? direct : gateway).push(await routes[way]({ stream }));
  }
  context.say(`${title}: ${direct.length} pairs`);
  for (const [name, time] of Object.entries(of)) {
    const [alone, through] = [direct.map(time), gateway.map(time)];
    context.measured(
      ...spreadRows(`${name}, LiteLLM direct`, alone, 'ms', { p50: null, p95: null }),
      ...spreadRows(`${name}, through the gateway`, through, 'ms', { p50: null, p95: null }),
      row(`${name}: added, p50 against p50`, percentile(through, 0.5) - percentile(alone, 0.5), 'ms'),
      row(`${name}: added, p95 against p95`, percentile(through, 0.95) - percentile(alone, 0.95), 'ms', ADDED_TARGET_MS),
      row(`${name}: p95 of the differences of pairs`, percentile(differences(alone, through), 0.95), 'ms'),
    );
  }
}

/** Many claws at once: streams begin at fixed times, every second one through the gateway, so that both meet the same LiteLLM. */
async function atRate(routes: ModelRoutes, context: BenchContext, rate: number): Promise<void> {
  const firstBytes = { direct: [] as number[], gateway: [] as number[] };
  const { failed } = await paced({ perSecond: rate, seconds: context.option('seconds'), signal: context.signal }, async (index) => {
    const way = index % 2 === 0 ? 'direct' : 'gateway';
    firstBytes[way].push((await routes[way]({ stream: true })).firstByteMs);
    return true;
  });
  const { direct, gateway } = firstBytes;
  context.say(
    `${rate} streams/s: first byte p95 ${Math.round(percentile(direct, 0.95))} ms direct, ${Math.round(percentile(gateway, 0.95))} ms through the gateway`,
  );
  context.measured(
    ...spreadRows(`first byte at ${rate}/s, LiteLLM direct`, direct, 'ms', { p50: null, p95: null }),
    ...spreadRows(`first byte at ${rate}/s, through the gateway`, gateway, 'ms', { p50: null, p95: null }),
    row(`first byte at ${rate}/s: added, p50 against p50`, percentile(gateway, 0.5) - percentile(direct, 0.5), 'ms'),
    row(`first byte at ${rate}/s: added, p95 against p95`, percentile(gateway, 0.95) - percentile(direct, 0.95), 'ms', ADDED_TARGET_MS),
    row(`${rate}/s: calls that failed`, failed, '', 0),
  );
}
