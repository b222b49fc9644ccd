import type { PlatformPart } from '../../deploy/local/platform.ts';
import type { Fleet } from '../../deploy/local/testing/fleet.ts';
import type { Row } from '../lib/row.ts';
import { type Ask, inspect } from './inspector.ts';
import type { Journal } from './journal.ts';
import { growthRows, type LiveSample } from './live-growth.ts';
import { WATCHED } from './memory.ts';

/** What V8 calls the memory of one thread, in bytes. */
interface HeapUsage {
  readonly usedSize: number;
  readonly embedderHeapUsedSize: number;
  /** Of array buffers, Node's own included. */
  readonly backingStorageSize: number;
}

/** What one collection lets go of may hold more, which only the next one finds. */
const COLLECTIONS = 3;
const MIB = 2 ** 20;

/** Live memory of each process of our own, from rest to rest. */
export interface LiveMemoryWatch {
  /** Looks now. `operations`: how many the platform was asked for so far. */
  look(operations: number): Promise<void>;
  /** What grew from the first look to the last. */
  rows(): Row[];
}

/** The fleet must have been started with `INSPECTABLE`. */
export function watchLiveMemory({ platform }: Fleet, journal: Journal, signal: AbortSignal): LiveMemoryWatch {
  const samples = new Map<string, LiveSample[]>(WATCHED.map((part) => [part, []]));
  return {
    look: async (operations) => {
      for (const [part, seen] of samples) {
        const sample = await measure(platform.part(part), operations, signal);
        seen.push(sample);
        journal.note('live memory', { part, pid: sample.pid, operations, mebibytes: sample.mebibytes });
      }
    },
    rows: () => [...samples].flatMap(([part, seen]) => growthRows(part, seen)),
  };
}

/** What the process cannot do without: all of its threads, after a full collection, which holds each up for some tenths of a second. */
async function measure(part: PlatformPart, operations: number, signal: AbortSignal): Promise<LiveSample> {
  const inspector = await inspect(part, signal);
  try {
    let bytes = 0;
    for (const ask of inspector.threads) bytes += await liveBytes(ask);
    return { pid: part.pid ?? 0, at: Date.now(), operations, mebibytes: bytes / MIB };
  } finally {
    inspector.close();
  }
}

async function liveBytes(ask: Ask): Promise<number> {
  for (let turn = 0; turn < COLLECTIONS; turn += 1) await ask('HeapProfiler.collectGarbage');
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = (await ask('Runtime.getHeapUsage')) as HeapUsage;
  return usedSize + embedderHeapUsedSize + backingStorageSize;
}
