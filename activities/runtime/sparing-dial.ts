import { LRUCache } from 'lru-cache';
import { Failure, type FailureCode, isFailure } from '../../workflows/contracts/failures.ts';
import { type CircuitBreaker, createCircuitBreaker } from '../platform/circuit-breaker.ts';
import type { RuntimeDriver } from './driver.ts';

/** Codes that say that the claw, or the way to it, kept somebody waiting for nothing. A host that is offline is known to be, and costs no wait. */
const AWAY: readonly FailureCode[] = ['GATEWAY_UNAVAILABLE', 'RUNTIME_UNREACHABLE'];
const CLAWS_MAX = 10_000;

/**
 * The dial of a driver for the requests of people: a claw that could not be reached several times in a row is left alone for a moment, and
 * whoever asks meanwhile hears so at once, with GATEWAY_UNAVAILABLE and `retryAfter` in seconds, instead of holding a request open.
 */
export function sparingDial(driver: Pick<RuntimeDriver, 'dial'>, now?: () => number): RuntimeDriver['dial'] {
  const breakers = new LRUCache<string, CircuitBreaker>({ max: CLAWS_MAX });
  const breakerOf = (instanceId: string): CircuitBreaker => {
    const known = breakers.get(instanceId);
    if (known) return known;
    const made = createCircuitBreaker({ isAway: (error) => isFailure(error) && AWAY.includes(error.code), ...(now ? { now } : {}) });
    breakers.set(instanceId, made);
    return made;
  };
  return (ref, port) => breakerOf(ref.instanceId).run(() => driver.dial(ref, port), leftAlone);
}

function leftAlone(milliseconds: number): Failure {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  return new Failure('GATEWAY_UNAVAILABLE', 'The claw could not be reached several times in a row and is left alone for a moment.', {
    nextStep: `Try again in ${seconds} s; if it stays so, look at its log, or restart it.`,
    retryAfter: String(seconds),
  });
}
