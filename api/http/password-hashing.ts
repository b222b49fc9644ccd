import { availableParallelism } from 'node:os';
import { hashPassword, verifyPassword } from 'better-auth/crypto';

/** What better-auth hashes passwords by. */
export interface PasswordHashing {
  hash(password: string): Promise<string>;
  verify(given: { readonly hash: string; readonly password: string }): Promise<boolean>;
}

/** One core is left to everybody else. */
const AT_ONCE = Math.max(1, availableParallelism() - 1);

/**
 * Scrypt in the thread pool, a few at a time and the others in turn: as many as the pool has threads would take every core from those who
 * are signed in, and would be ready no sooner.
 */
export function createPasswordHashing(atOnce = AT_ONCE): PasswordHashing {
  const inTurn = createTurns(atOnce);
  return {
    hash: (password) => inTurn(() => hashPassword(password)),
    verify: (given) => inTurn(() => verifyPassword(given)),
  };
}

/** Does at most so many works at a time, in the order in which they came. */
export function createTurns(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // Whoever is next takes this place over, so that nobody comes in between.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
