import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../../workflows/contracts/failures.ts';
import { sendSignal } from '../process/sweep.ts';
import type { ProcessTable } from '../process/table.ts';

const ROUNDS = 100;
const ROUND_MILLISECONDS = 20;

/** A uid for one command; null where there are none. */
export interface LentUid {
  readonly uid: number | null;
  /** Ends whatever the command left running. Throws INTERNAL when it does not end. */
  end(): Promise<void>;
  /** Gives it back; it is lent again once nothing runs under it. */
  release(): void;
}

/** Lends uids to one-shot commands. Whatever a command left running is ended before its uid is lent again. */
export function createUidPool(first: number | null, count: number, table: ProcessTable): () => LentUid {
  if (first === null) return () => ({ uid: null, end: async () => undefined, release: () => undefined });
  const free = Array.from({ length: count }, (_, index) => first + index);
  return () => {
    const uid = free.shift();
    if (uid === undefined) throw new Failure('RATE_LIMITED', 'Too many commands run on this host at this moment.');
    return { uid, end: () => endOrThrow(uid, table), release: () => void endAll(uid, table).then((ended) => ended && free.push(uid)) };
  };
}

async function endOrThrow(uid: number, table: ProcessTable): Promise<void> {
  if (!(await endAll(uid, table))) throw new Failure('INTERNAL', 'A command left something running that does not end.');
}

async function endAll(uid: number, table: ProcessTable): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const left = table.all().filter((entry) => entry.uid === uid);
    if (left.length === 0) return true;
    for (const { pid } of left) sendSignal(pid, 'SIGKILL');
    await delay(ROUND_MILLISECONDS);
  }
  return false;
}
