import { type Failure, isFailure } from '../../../workflows/contracts/failures.ts';

/** The Failure that `act` throws. Throws itself when there is none, or something else was thrown. */
export function failureOf(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** JSON pointers of the wrong fields that `act` is refused for. */
export function wrongPaths(act: () => unknown): readonly string[] {
  return (failureOf(act).details.errors ?? []).map(({ path }) => path);
}
