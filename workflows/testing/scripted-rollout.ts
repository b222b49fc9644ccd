import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Batch, RolloutRecord } from '../../activities/rollout/contract.ts';
import { rolloutBatchWorkflowId, rolloutWorkflowId } from '../contracts/ids.ts';
import type { ChangeOutcome, Direction, RolloutControl, RolloutPlan, TargetRef, TargetState } from '../contracts/rollout.ts';
import { RolloutBatchMessage, RolloutMessage, TOUCHED_STATES } from '../contracts/rollout.ts';
import type { Observation, RolloutState } from '../contracts/rollout-record.ts';
import { TaskQueue } from '../contracts/task-queues.ts';
import type { rolloutWorkflow } from '../rollout/rollout.workflow.ts';
import type { EntityWorld } from './entity-world.ts';

const WELL: Observation = {
  instances: 1,
  ready: 1,
  notReady: [],
  restarts: 0,
  restarted: null,
  requests: 0,
  errors: 0,
  p95Milliseconds: null,
  costMicroUsd: 0,
  answers: {},
};

/** One canary, then the rest, without a wait. */
export const TWO_WAVES: RolloutPlan = {
  approvalBeforeStart: null,
  waves: [
    { name: 'canary', size: { count: 1 }, maxParallel: 1, approval: null, gate: { bakeSeconds: 0, checks: [{ kind: 'ready' }] } },
    { name: 'rest', size: { percent: 100 }, maxParallel: 2, approval: null, gate: null },
  ],
  failureBudget: { size: { count: 0 }, action: 'pause' },
  readyWithinSeconds: 60,
};

/** The outside of one rollout as its workflow meets it: instances that take their change at once, unless a test says otherwise. */
export class ScriptedRollout {
  readonly id: string;
  readonly handle: WorkflowHandle<typeof rolloutWorkflow>;
  readonly targets: Map<string, { readonly wave: number; state: TargetState }>;
  /** Every change that was asked for, in order: `forward a`. */
  readonly changes: string[] = [];
  readonly records: RolloutRecord[] = [];
  seen: Observation = WELL;
  /** Instances whose change fails. */
  readonly failing = new Set<string>();
  /** Instances whose operation does not end by itself. */
  readonly held = new Set<string>();
  readonly #world: EntityWorld;
  readonly #asked = new Set<string>();
  #commands = 0;

  /** `waves`: ids of the targets of each wave. */
  constructor(world: EntityWorld, id: string, plan: RolloutPlan, waves: readonly (readonly string[])[]) {
    this.#world = world;
    this.id = id;
    this.handle = world.client.workflow.getHandle(rolloutWorkflowId(id));
    this.targets = new Map(waves.flatMap((ids, wave) => ids.map((target) => [target, { wave, state: 'pending' as TargetState }])));
    world.on('loadRollout', () => ({ plan, total: this.targets.size, state: this.records.at(-1)?.state ?? null }));
    world.on('recordRollout', (record) => this.#record(record as RolloutRecord));
    world.on('nextBatch', (input) => this.#nextBatch(input as { direction: Direction; wave: number }));
    world.on('changeTarget', (target) => this.#change(target as TargetRef));
    world.on('settleTarget', (target) => this.#settle(target as TargetRef));
    world.on('observeWave', () => this.seen);
  }

  /** Delivers what somebody decided as the relay does. */
  async say(control: RolloutControl | 'start', by = 'usr_2'): Promise<void> {
    this.#commands += 1;
    await this.#world.client.workflow.signalWithStart<typeof rolloutWorkflow, [object]>('rolloutWorkflow', {
      workflowId: rolloutWorkflowId(this.id),
      taskQueue: TaskQueue.core,
      args: [{ tenantId: 'ten_1', rolloutId: this.id }],
      signal: RolloutMessage.command,
      signalArgs: [{ commandId: `rlc_${this.#commands}`, control, by }],
    });
  }

  get state(): RolloutState | undefined {
    return this.records.at(-1)?.state;
  }

  /** Targets by state. */
  get counts(): Record<string, number> {
    return Object.fromEntries([...Map.groupBy(this.targets.values(), ({ state }) => state)].map(([state, all]) => [state, all.length]));
  }

  /** Resolves as soon as `is` holds of this; the deadline is that of the test. */
  async until(is: (rollout: this) => boolean): Promise<void> {
    while (!is(this)) await sleep(20);
  }

  reaches(phase: RolloutState['phase']): Promise<void> {
    return this.until(({ state }) => state?.phase === phase);
  }

  /** Tells a batch that the operation of an instance has ended. */
  async end(instanceId: string, pass: number): Promise<void> {
    this.held.delete(instanceId);
    const wave = this.targets.get(instanceId)?.wave ?? 0;
    await this.#tell(rolloutBatchWorkflowId(this.id, pass, wave), instanceId);
  }

  /** Resolves when a batch has been told to begin nothing more: a pause is written down before that. */
  async halted(pass: number, wave: number): Promise<void> {
    const batch = this.#world.client.workflow.getHandle(rolloutBatchWorkflowId(this.id, pass, wave));
    for (;;) {
      const { events } = await batch.fetchHistory();
      if (events?.some((event) => event.workflowExecutionSignaledEventAttributes?.signalName === RolloutBatchMessage.halt)) return;
      await sleep(20);
    }
  }

  async #tell(batchId: string, instanceId: string): Promise<void> {
    await this.#world.client.workflow.getHandle(batchId).signal(RolloutBatchMessage.ended, { instanceId, operationId: `op_${instanceId}` });
  }

  #nextBatch({ direction, wave }: { direction: Direction; wave: number }): Batch {
    const all = [...this.targets].map(([id, target]) => ({ id, ...target }));
    const left = all.filter((target) =>
      direction === 'forward' ? target.wave === wave && target.state === 'pending' : TOUCHED_STATES.includes(target.state) && target.state !== 'stuck',
    );
    const here = Math.max(-1, ...left.map((target) => target.wave));
    const count = (state: TargetState) => all.filter((target) => target.state === state).length;
    return {
      wave: here < 0 ? wave : here,
      targets: left.filter((target) => target.wave === here).map(({ id }) => id),
      failed: count('failed'),
      stuck: count('stuck'),
    };
  }

  /** A verdict is written once, however often its record is. */
  #record(record: RolloutRecord): void {
    const known = this.records.some(({ verdict }) => verdict !== null && verdict.seq === record.verdict?.seq);
    this.records.push(known ? { ...record, verdict: null } : record);
  }

  async #change({ instanceId, direction, batchId }: TargetRef): Promise<ChangeOutcome> {
    // A call that is repeated changes nothing, as with the real API.
    const change = `${direction} ${instanceId}`;
    const repeated = this.#asked.has(`${batchId} ${change}`);
    this.#asked.add(`${batchId} ${change}`);
    if (repeated) return { kind: 'accepted', operationId: `op_${instanceId}` };
    this.changes.push(change);
    this.#set(instanceId, direction === 'forward' ? 'applying' : 'rolling-back');
    if (!this.held.has(instanceId)) await this.#tell(batchId, instanceId);
    return { kind: 'accepted', operationId: `op_${instanceId}` };
  }

  #settle({ instanceId, direction }: TargetRef): { state: TargetState } {
    const state: TargetState = direction === 'back' ? 'rolled-back' : this.failing.has(instanceId) ? 'failed' : 'applied';
    this.#set(instanceId, state);
    return { state };
  }

  #set(instanceId: string, state: TargetState): void {
    const target = this.targets.get(instanceId);
    if (target) target.state = state;
  }
}
