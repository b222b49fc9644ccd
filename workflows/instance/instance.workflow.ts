import { ApplicationFailure, allHandlersFinished, condition, defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import { FAILURES } from '../contracts/failures.ts';
import { type ControlRequest, type InstanceCommand, type InstanceFact, InstanceMessage, Phase } from '../contracts/instance.ts';
import { OperationControl } from '../contracts/operation.ts';
import { drainAndContinue, shouldContinueAsNew } from '../lib/continue.ts';
import { bookkeeping } from '../lib/proxies.ts';
import { controlKept } from './control-kept.ts';
import { Entity } from './entity.ts';
import { allowedFor, mayBegin } from './legality.ts';
import { type OperationRunner, performOperation } from './operation-runner.ts';
import { refusal, view } from './projection.ts';
import { repairFromFact } from './repair.ts';
import { type InstanceEntityView, type InstanceState, newInstance } from './state.ts';
import { tellRollout } from './tell-rollout.ts';
import { DEFAULT_TIMING, type Timing } from './timing.ts';

/** Input of the entity. The relay gives the two ids; `state` is what an earlier run of the same entity hands over. */
export interface InstanceInput {
  readonly tenantId: string;
  readonly instanceId: string;
  readonly timing?: Partial<Timing>;
  readonly state?: InstanceState;
}

/** How an entity ends: only by the destruction of its instance. */
export interface InstanceEnd {
  readonly phase: Phase;
  readonly highestSeq: number;
}

/** An accepted operation; at least once, in the order of `seq`. */
export const commandSignal = defineSignal<[InstanceCommand]>(InstanceMessage.command);
/** Something the runtime reported that may change what the entity must do. */
export const factSignal = defineSignal<[InstanceFact]>(InstanceMessage.fact);
/** Retry now, give up or cancel. Rejected with ILLEGAL_TRANSITION or NOT_FOUND when that is not possible now. */
export const controlUpdate = defineUpdate<{ readonly accepted: true }, [ControlRequest]>(InstanceMessage.control);
export const viewQuery = defineQuery<InstanceEntityView>(InstanceMessage.view);

/** The single writer of one instance, from its creation to its destruction. Handlers only enqueue; the loop works. */
export async function instanceWorkflow(input: InstanceInput): Promise<InstanceEnd> {
  const entity = new Entity(input, { ...DEFAULT_TIMING, ...input.timing }, input.state ?? newInstance());
  const runner: { current: OperationRunner | null } = { current: null };
  setHandler(viewQuery, () => view(entity.state));
  setHandler(commandSignal, (command) => {
    entity.apply({ type: 'command-received', command });
    if (entity.state.operation?.interruption) runner.current?.interrupt();
  });
  setHandler(factSignal, (fact) => entity.apply({ type: 'fact-received', fact }));
  setHandler(controlUpdate, (request) => control(entity, request, runner.current), { validator: (request) => checkControl(entity.state, request) });

  const hasWork = () => entity.state.queue.length > 0 || entity.state.facts.length > 0;
  while (entity.state.phase !== Phase.destroyed || hasWork()) {
    await condition(() => hasWork() || shouldContinueAsNew(entity.timing.historyEvents));
    if (shouldContinueAsNew(entity.timing.historyEvents))
      return drainAndContinue<typeof instanceWorkflow>(() => [{ ...entity.identity, timing: input.timing, state: entity.state }]);
    await workOnce(entity, (next) => (runner.current = next));
  }
  await condition(allHandlersFinished);
  return { phase: entity.state.phase, highestSeq: entity.state.highestSeq };
}

/** One thing of what waits: the next command, or a fact. */
async function workOnce(entity: Entity, onRunner: (runner: OperationRunner | null) => void): Promise<void> {
  const [command] = entity.state.queue;
  if (command === undefined) return repairFromFact(entity);
  entity.apply({ type: 'command-taken' });
  if (mayBegin(entity.state.phase, command.kind)) return performOperation(entity, command, onRunner);
  if (command.withdrawn) await controlKept();
  const code = command.withdrawn ? 'CANCELLED' : 'ILLEGAL_TRANSITION';
  const message = command.withdrawn ? FAILURES.CANCELLED.title : `${command.kind} is not possible while the instance is ${entity.state.phase}.`;
  await bookkeeping.recordProgress(refusal(entity.identity, command, code, message, entity.now()));
  await tellRollout(command, entity.identity.instanceId);
}

function checkControl(state: InstanceState, { operationId, control: wanted }: ControlRequest): void {
  const isKnown = state.operation?.command.operationId === operationId || state.queue.some((command) => command.operationId === operationId);
  if (!isKnown) throw ApplicationFailure.nonRetryable('The operation is not being worked on.', 'ILLEGAL_TRANSITION');
  const allowed = allowedFor(state, operationId);
  if (allowed.includes(wanted)) return;
  throw ApplicationFailure.nonRetryable(`${wanted} is not possible now. Possible: ${allowed.join(', ') || 'nothing'}.`, 'ILLEGAL_TRANSITION', { allowed });
}

function control(entity: Entity, { operationId, control: wanted }: ControlRequest, runner: OperationRunner | null): { accepted: true } {
  const isQueued = entity.state.queue.some((command) => command.operationId === operationId);
  if (isQueued) entity.apply({ type: 'command-withdrawn', operationId });
  else if (wanted === OperationControl.retryNow) entity.apply({ type: 'retry-now-asked' });
  else {
    entity.apply({ type: 'interrupted', interruption: { by: wanted } });
    runner?.interrupt();
  }
  return { accepted: true };
}
