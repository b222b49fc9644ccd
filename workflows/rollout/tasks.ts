import { type ChildWorkflowHandle, startChild } from '@temporalio/workflow';
import type { Batch } from '../../activities/rollout/contract.ts';
import { rolloutBatchWorkflowId } from '../contracts/ids.ts';
import type { Direction } from '../contracts/rollout.ts';
import { deadlineOf, ruleAsked } from '../contracts/rollout-approval.ts';
import { rolloutChecks, rolloutRecords } from '../lib/proxies.ts';
import { judge } from './health-verdict.ts';
import type { Rollout } from './rollout.ts';
import { type Halt, haltSignal, type rolloutBatchWorkflow } from './rollout-batch.workflow.ts';
import { budgetLeft, nextTask, type RolloutTask } from './rollout-machine.ts';

/** How many are brought back at a time. */
const BACK_PARALLEL = 50;

/** What each task does. Every one returns when it is done, or when somebody has decided that something else is to be done. */
export const TASKS: Readonly<Record<Exclude<RolloutTask, 'end'>, (rollout: Rollout) => Promise<void>>> = {
  wait: waitForPeople,
  apply: applyWave,
  bake,
  judge: judgeWave,
  'roll-back': rollBack,
};

async function waitForPeople(rollout: Rollout): Promise<void> {
  const { state, plan } = rollout;
  const rule = state.phase === 'AwaitingApproval' ? ruleAsked(plan, state) : null;
  const deadline = rule && deadlineOf(rule, state.askedAt);
  const isElsewhere = () => nextTask(rollout.state) !== 'wait' || rollout.state.askedAt !== state.askedAt || rollout.state.phase !== state.phase;
  const decided = await rollout.wait(isElsewhere, deadline === null ? null : deadline - Date.now());
  if (!decided) rollout.apply({ type: 'approval-expired' });
}

/** The next batch of the wave, until none is left or too many have failed. */
async function applyWave(rollout: Rollout): Promise<void> {
  const { plan, total, ref } = rollout;
  const { wave } = rollout.state;
  const batch = await rolloutRecords.nextBatch({ ...ref, direction: 'forward', wave });
  rollout.apply({ type: 'counted', failed: batch.failed });
  if (nextTask(rollout.state) !== 'apply') return;
  if (batch.targets.length === 0) return rollout.apply({ type: 'wave-applied', at: rollout.now() });
  await runBatch(rollout, 'forward', batch, plan.waves[wave]?.maxParallel ?? 1, budgetLeft(plan, rollout.state, total));
}

async function bake(rollout: Rollout): Promise<void> {
  const { bakeUntil } = rollout.state;
  const leftMs = bakeUntil === null ? 0 : Date.parse(bakeUntil) - Date.now();
  const decided = leftMs > 0 && (await rollout.wait(() => nextTask(rollout.state) !== 'bake', leftMs));
  if (!decided) rollout.apply({ type: 'baked' });
}

async function judgeWave(rollout: Rollout): Promise<void> {
  const { wave, verdicts: seq } = rollout.state;
  const checks = rollout.plan.waves[wave]?.gate?.checks ?? [];
  const verdict = judge(checks, await rolloutChecks.observeWave({ ...rollout.ref, wave }));
  rollout.apply({ type: 'judged', verdict, at: rollout.now() });
  await rollout.record({ seq, wave, verdict });
}

async function rollBack(rollout: Rollout): Promise<void> {
  const batch = await rolloutRecords.nextBatch({ ...rollout.ref, direction: 'back', wave: rollout.state.wave });
  if (batch.targets.length === 0) return rollout.apply({ type: 'rolled-back', stuck: batch.stuck });
  // One that cannot be brought back keeps no other from it.
  await runBatch(rollout, 'back', batch, BACK_PARALLEL, Number.MAX_SAFE_INTEGER);
}

async function runBatch(rollout: Rollout, direction: Direction, { targets, wave }: Batch, maxParallel: number, failuresAllowed: number): Promise<void> {
  rollout.apply({ type: 'batch-began' });
  await rollout.record();
  const { ref, plan } = rollout;
  const batchId = rolloutBatchWorkflowId(ref.rolloutId, rollout.state.passes, wave);
  const readyWithinMs = plan.readyWithinSeconds * 1000;
  const child = await startChild<typeof rolloutBatchWorkflow>('rolloutBatchWorkflow', {
    workflowId: batchId,
    args: [{ ...ref, batchId, direction, targets, maxParallel, failuresAllowed, readyWithinMs }],
    workflowTaskTimeout: '5 seconds',
  });
  let isOver = false;
  const over = child.result().then(() => {
    isOver = true;
  });
  const wanted = direction === 'forward' ? 'Progressing' : 'RollingBack';
  await rollout.wait(() => isOver || rollout.state.phase !== wanted, null);
  if (!isOver) await halt(child, 'finish');
  // Somebody who wants it all back does not wait for what is still being changed.
  await rollout.wait(() => isOver || (direction === 'forward' && rollout.state.phase === 'RollingBack'), null);
  if (!isOver) await halt(child, 'leave');
  await over;
}

/** It may have ended by itself meanwhile. */
async function halt(child: ChildWorkflowHandle<typeof rolloutBatchWorkflow>, how: Halt): Promise<void> {
  await child.signal(haltSignal, how).catch(() => undefined);
}
