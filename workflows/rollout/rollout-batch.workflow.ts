import { condition, defineSignal, setHandler, sleep } from '@temporalio/workflow';
import { type Direction, RolloutBatchMessage, type TargetEnd, type TargetRef } from '../contracts/rollout.ts';
import { rolloutChanges, rolloutRecords } from '../lib/proxies.ts';

export interface RolloutBatchInput {
  readonly tenantId: string;
  readonly rolloutId: string;
  readonly batchId: string;
  readonly direction: Direction;
  /** Ids of instances, at most 200. */
  readonly targets: readonly string[];
  readonly maxParallel: number;
  /** It takes up nothing more once more than so many have failed. */
  readonly failuresAllowed: number;
  readonly readyWithinMs: number;
}

/** `finish`: what has begun is waited for. `leave`: not even that. */
export type Halt = 'finish' | 'leave';

export const targetEndedSignal = defineSignal<[TargetEnd]>(RolloutBatchMessage.ended);
export const haltSignal = defineSignal<[Halt]>(RolloutBatchMessage.halt);

/** Something else may be under way on an instance for so long before its change counts as failed. */
const BUSY_LIMIT_MS = 5 * 60_000;
const BUSY_PAUSE_MS = 2_000;

/** Changes some instances, or brings them back, as many at a time as is wanted. What became of each stands in the database. */
export async function rolloutBatchWorkflow(input: RolloutBatchInput): Promise<void> {
  const waiting = [...input.targets];
  const ended = new Set<string>();
  const halt: { value: Halt | null } = { value: null };
  let failed = 0;
  setHandler(targetEndedSignal, ({ operationId }) => void ended.add(operationId));
  setHandler(haltSignal, (value) => {
    halt.value = value;
  });
  const work = async () => {
    while (halt.value === null && failed <= input.failuresAllowed) {
      const instanceId = waiting.shift();
      if (instanceId === undefined) return;
      if (!(await changeOne(input, instanceId, ended, halt))) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(input.maxParallel, waiting.length) }, work));
}

/** One target from the wish to its end. False when it failed. */
async function changeOne(input: RolloutBatchInput, instanceId: string, ended: ReadonlySet<string>, halt: { readonly value: Halt | null }): Promise<boolean> {
  const { tenantId, rolloutId, batchId, direction } = input;
  const target: TargetRef = { tenantId, rolloutId, batchId, direction, instanceId };
  const since = Date.now();
  for (;;) {
    const outcome = await rolloutChanges.changeTarget(target);
    if (outcome.kind === 'settled') return outcome.state !== 'failed' && outcome.state !== 'stuck';
    if (outcome.kind === 'accepted') return awaitEnd(input, target, outcome.operationId, ended, halt);
    if (halt.value !== null) return true;
    if (Date.now() - since > BUSY_LIMIT_MS) return settle(target, null, true);
    await sleep(BUSY_PAUSE_MS);
  }
}

async function awaitEnd(
  input: RolloutBatchInput,
  target: TargetRef,
  operationId: string,
  ended: ReadonlySet<string>,
  halt: { readonly value: Halt | null },
): Promise<boolean> {
  const came = await condition(() => ended.has(operationId) || halt.value === 'leave', input.readyWithinMs);
  if (came && !ended.has(operationId)) return true;
  return settle(target, operationId, !came);
}

async function settle(target: TargetRef, operationId: string | null, waited: boolean): Promise<boolean> {
  const { state } = await rolloutRecords.settleTarget({ ...target, operationId, waited });
  return state !== 'failed' && state !== 'stuck';
}
