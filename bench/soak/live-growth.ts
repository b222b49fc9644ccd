import { type Row, rounded, row } from '../lib/row.ts';

/** Live memory of a process at a moment at which nothing was under way. `at` in milliseconds. */
export interface LiveSample {
  readonly pid: number;
  readonly at: number;
  /** How many the platform had been asked for. */
  readonly operations: number;
  readonly mebibytes: number;
}

/** What a process may have more whatever it did: caches that fill up to their bound, code that is compiled when it is first used, a claw more. */
const FILLING_MIB = 6;
/** What nobody would notice in a year: ten thousand operations a day are then 20 MiB until the next update. */
const KEPT_KIB_PER_OPERATION = 2;

/** The most that live memory may have grown over so many operations and still count as flat, in MiB. */
export function growthAllowance(operations: number): number {
  return rounded(FILLING_MIB + (operations * KEPT_KIB_PER_OPERATION) / 1024);
}

/** What one process kept from the first sample to the last; nothing is said about a single one. */
export function growthRows(part: string, samples: readonly LiveSample[]): Row[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || first === last) return [];
  // Nobody hit it between the samples.
  if (samples.some(({ pid }) => pid !== first.pid)) return [row(`${part}: ended by itself`, 1, '', 0)];
  const operations = last.operations - first.operations;
  const minutes = Math.round((last.at - first.at) / 60_000);
  return [
    row(`${part}: live memory at the end`, last.mebibytes, 'MiB'),
    row(`${part}: live memory grown in ${minutes} min and ${operations} operations`, last.mebibytes - first.mebibytes, 'MiB', growthAllowance(operations)),
  ];
}
