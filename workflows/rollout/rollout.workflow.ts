import { allHandlersFinished, condition, defineSignal, setHandler } from '@temporalio/workflow';
import { type RolloutCommand, RolloutMessage, type RolloutRef } from '../contracts/rollout.ts';
import type { RolloutState } from '../contracts/rollout-record.ts';
import { drainAndContinue, shouldContinueAsNew } from '../lib/continue.ts';
import { rolloutRecords } from '../lib/proxies.ts';
import { Rollout } from './rollout.ts';
import { nextTask } from './rollout-machine.ts';
import { TASKS } from './tasks.ts';

/** Input of a rollout. The relay gives the two ids; `state` is what an earlier run of the same rollout hands over. */
export interface RolloutInput extends RolloutRef {
  readonly state?: RolloutState;
}

const HISTORY_EVENTS = 2_000;

/** What a person decided; at least once, in order. */
export const rolloutCommandSignal = defineSignal<[RolloutCommand]>(RolloutMessage.command);

/**
 * One change, carried to many instances in waves. It ends where nothing happens any more by itself; a later command, such as a rollback of what
 * had succeeded, begins a new run that goes on from the record.
 */
export async function rolloutWorkflow(input: RolloutInput): Promise<void> {
  const early: RolloutCommand[] = [];
  const current: { rollout: Rollout | null } = { rollout: null };
  setHandler(rolloutCommandSignal, (command) => {
    if (current.rollout) receive(current.rollout, command);
    else early.push(command);
  });
  const loaded = await rolloutRecords.loadRollout({ tenantId: input.tenantId, rolloutId: input.rolloutId });
  const rollout = new Rollout(input, input.state ? { ...loaded, state: input.state } : loaded);
  current.rollout = rollout;
  for (const command of early) receive(rollout, command);
  for (;;) {
    await rollout.record();
    const task = nextTask(rollout.state);
    if (task === 'end') break;
    if (shouldContinueAsNew(HISTORY_EVENTS)) return drainAndContinue<typeof rolloutWorkflow>(() => [{ ...rollout.ref, state: rollout.state }]);
    await TASKS[task](rollout);
  }
  await condition(allHandlersFinished);
}

function receive(rollout: Rollout, command: RolloutCommand): void {
  rollout.apply({ type: 'command', command, at: rollout.now() });
}
