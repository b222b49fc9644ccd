import { Failure, type FailureCode, isFailure } from '../../workflows/contracts/failures.ts';
import type { ClawError } from './state.ts';

/** What a claw's state and an acknowledgement keep of an error. Unknown errors are told by their message only. */
export function clawError(error: unknown, otherwise: FailureCode = 'INTERNAL'): ClawError {
  if (isFailure(error)) return { code: error.code, message: error.message };
  return { code: otherwise, message: error instanceof Error ? error.message : String(error) };
}

/** The claw's folder cannot be used; `why` completes the sentence. */
export function volumeUnavailable(folder: string, why: string): Failure {
  return new Failure('VOLUME_UNAVAILABLE', `The folder ${folder} of the claw cannot be written: ${why}.`);
}
