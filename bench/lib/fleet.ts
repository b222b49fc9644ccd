import { type Fleet, type FleetOptions, startFleet } from '../../deploy/local/testing/fleet.ts';
import type { BenchContext } from './bench.ts';

/** Runs `work` on a whole platform of its own and takes it away afterwards, also when the bench is stopped in the middle. */
export async function withFleet(context: BenchContext, work: (fleet: Fleet) => Promise<void>, options: FleetOptions = {}): Promise<void> {
  context.say('Starting a platform on throw-away data ...');
  const fleet = await startFleet(options);
  try {
    await untilAborted(context.signal, work(fleet));
  } finally {
    context.say('Taking the platform away ...');
    await fleet.close();
  }
}

/** Goes on as soon as the signal says so; what was under way then fails on a platform that is going, unheard. */
function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** The platform's address without a name to resolve. */
export function loopbackUrl(fleet: Fleet): string {
  return fleet.platform.url.replace('//localhost', '//127.0.0.1');
}
