import type { RequestHandler, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Failure } from '../../workflows/contracts/failures.ts';
import { isSafeMethod } from './origins.ts';
import { contextOf } from './request-context.ts';

/** How many requests a minute this process takes; 0 = any number. */
export interface RateLimits {
  /** From one address, whoever asks. */
  readonly address: number;
  /** From one address, of people who are not signed in. */
  readonly stranger: number;
  /** Of one tenant: requests that only look, and those that change something. */
  readonly read: number;
  readonly write: number;
}

const WINDOW_SECONDS = 60;

/** Before anybody is looked up: what one address may ask at most. */
export function limitAddresses({ address }: RateLimits): RequestHandler {
  const limiter = limiterOf(address);
  return async (_request, response, next) => {
    await take(response, limiter, contextOf(response).ip);
    next();
  };
}

/** Once it is known who asks: what one tenant may look at and change, and what strangers may ask from one address. */
export function limitTenants({ stranger, read, write }: RateLimits): RequestHandler {
  const limiters = { stranger: limiterOf(stranger), read: limiterOf(read), write: limiterOf(write) };
  return async (request, response, next) => {
    const { actor, ip } = contextOf(response);
    if (!actor) await take(response, limiters.stranger, ip);
    // Whoever belongs to no tenant counts alone.
    else await take(response, isSafeMethod(request.method) ? limiters.read : limiters.write, actor.tenantId || actor.userId);
    next();
  };
}

function limiterOf(points: number): RateLimiterMemory | null {
  return points === 0 ? null : new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
}

/** Counts one request and says in the headers what is left. Throws RATE_LIMITED when nothing is. */
async function take(response: Response, limiter: RateLimiterMemory | null, key: string): Promise<void> {
  if (!limiter) return;
  const { left, refused } = await limiter.consume(key).then(
    (taken) => ({ left: taken, refused: false }),
    (error: unknown) => {
      if (error instanceof RateLimiterRes) return { left: error, refused: true };
      throw error;
    },
  );
  const seconds = Math.ceil(left.msBeforeNext / 1000);
  response.set({
    'RateLimit-Limit': String(limiter.points),
    'RateLimit-Remaining': String(Math.max(0, left.remainingPoints)),
    'RateLimit-Reset': String(seconds),
  });
  if (!refused) return;
  response.set('Retry-After', String(seconds));
  throw new Failure('RATE_LIMITED', `More than ${limiter.points} requests in ${WINDOW_SECONDS} s.`);
}
