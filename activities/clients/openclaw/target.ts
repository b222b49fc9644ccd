import type { Duplex } from 'node:stream';
import { Failure, isFailure } from '../../../workflows/contracts/failures.ts';

/** One claw's gateway: how to reach it, its token, and how long one call may take in milliseconds. */
export interface GatewayTarget {
  readonly connect: () => Promise<Duplex>;
  readonly token: string;
  readonly timeoutMs: number;
}

/** A deadline that a call races against; `clear` must be called when it is over. */
export interface Deadline {
  readonly reached: Promise<never>;
  clear(): void;
}

/** Rejects with TIMEOUT after the time-out of the target. */
export function deadline(timeoutMs: number): Deadline {
  let timer: NodeJS.Timeout | undefined;
  const reached = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Failure('TIMEOUT', `The claw did not answer within ${Math.ceil(timeoutMs / 1000)} s.`)), timeoutMs);
  });
  return { reached, clear: () => clearTimeout(timer) };
}

/** Opens the connection within the deadline; one that opens too late is closed. */
export async function openWithin(connect: () => Promise<Duplex>, limit: Deadline): Promise<Duplex> {
  const opening = connect();
  try {
    return await Promise.race([opening, limit.reached]);
  } catch (error) {
    opening.then(
      (late) => late.destroy(),
      () => undefined,
    );
    throw asUnavailable(error);
  }
}

/** Keeps Failures; what else went wrong on the wire becomes GATEWAY_UNAVAILABLE with its system code only, since texts may hold more. */
export function asUnavailable(error: unknown): Failure {
  if (isFailure(error)) return error;
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return new Failure('GATEWAY_UNAVAILABLE', `The connection to the claw failed${code}.`);
}

/** What a claw answered instead of a result, by its code only. */
export function refused(method: string, code: unknown): Failure {
  const known = typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,60}$/.test(code) ? code : 'no code';
  return new Failure('GATEWAY_UNAVAILABLE', `The claw refused ${method} (${known}).`);
}
