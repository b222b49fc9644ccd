import type { WorkloadFact } from '../workflows/contracts/workload.ts';
import type { FactDraft } from './claw/fact.ts';
import { readJsonFile, writeJsonFile } from './files/json-file.ts';

/** Sends facts and resolves when the API has stored them. Rejects when that is not known. */
export type SendFacts = (facts: readonly WorkloadFact[]) => Promise<void>;

/** Facts on their way to the API, in order, kept until it has them. */
export interface FactQueue {
  push(draft: FactDraft): void;
  /** Sends through this from now on; null while there is no connection. */
  connect(send: SendFacts | null): void;
  /** Called for each fact that the API has. */
  onStored(listener: (fact: WorkloadFact) => void): void;
  readonly pending: number;
}

const BATCH = 100;
/** While the API is away for long, only the newest facts of a claw are worth keeping. */
const KEPT_PER_CLAW = 50;
const RESERVED_AT_ONCE = 1_000;
const RETRY_MILLISECONDS = 1_000;
const MICROSECONDS = 1_000;

/**
 * Numbers grow across restarts: blocks are reserved on disk before use. A data folder without a number begins at the present
 * microsecond, above whatever a former folder of the same host had given out.
 */
export function createFactQueue(file: string, now: () => number = Date.now): FactQueue {
  let next = readJsonFile<{ reserved: number }>(file)?.reserved ?? now() * MICROSECONDS;
  let reserved = next;
  let queue: WorkloadFact[] = [];
  let send: SendFacts | null = null;
  let sending = false;
  const stored: ((fact: WorkloadFact) => void)[] = [];

  const number = (): number => {
    if (next >= reserved) {
      reserved = next + RESERVED_AT_ONCE;
      writeJsonFile(file, { reserved });
    }
    next += 1;
    return next;
  };

  const drain = async (): Promise<void> => {
    if (sending) return;
    sending = true;
    try {
      while (send !== null && queue.length > 0) {
        const through = send;
        const batch = queue.slice(0, BATCH);
        try {
          await through(batch);
        } catch {
          // A new connection drains again; a refused batch is sent again after a pause.
          if (send === through) setTimeout(() => void drain(), RETRY_MILLISECONDS);
          return;
        }
        const done = new Set(batch);
        queue = queue.filter((fact) => !done.has(fact));
        for (const fact of batch) for (const listener of stored) listener(fact);
      }
    } finally {
      sending = false;
    }
  };

  return {
    push: (draft) => {
      const fact: WorkloadFact = { ...draft, seq: number(), at: new Date(now()).toISOString() };
      queue = [...trimmed(queue, fact.instanceId), fact];
      void drain();
    },
    connect: (through) => {
      send = through;
      if (through) void drain();
    },
    onStored: (listener) => {
      stored.push(listener);
    },
    get pending() {
      return queue.length;
    },
  };
}

function trimmed(queue: readonly WorkloadFact[], instanceId: string): readonly WorkloadFact[] {
  const own = queue.filter((fact) => fact.instanceId === instanceId);
  if (own.length < KEPT_PER_CLAW) return queue;
  const oldest = own[0];
  return queue.filter((fact) => fact !== oldest);
}
