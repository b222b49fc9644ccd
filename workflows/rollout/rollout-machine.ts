import { allowedControls, BudgetAction, ENDED_PHASES, type RolloutCommand, type RolloutPlan, type Verdict } from '../contracts/rollout.ts';
import { isApproved, ruleAsked, subjectAsked } from '../contracts/rollout-approval.ts';
import { sizeOf } from '../contracts/rollout-plan.ts';
import type { RolloutState } from '../contracts/rollout-record.ts';

const SEEN = 64;

/** Everything that can happen to a rollout. `at`: ISO time. */
export type RolloutEvent =
  | { readonly type: 'command'; readonly command: RolloutCommand; readonly at: string }
  | { readonly type: 'approval-expired' }
  | { readonly type: 'batch-began' }
  /** `failed`: instances of the whole rollout that have failed. */
  | { readonly type: 'counted'; readonly failed: number }
  | { readonly type: 'wave-applied'; readonly at: string }
  | { readonly type: 'baked' }
  | { readonly type: 'judged'; readonly verdict: Verdict; readonly at: string }
  | { readonly type: 'rolled-back'; readonly stuck: number };

/** What a rollout does next by itself. */
export type RolloutTask = 'wait' | 'apply' | 'bake' | 'judge' | 'roll-back' | 'end';

export function nextTask(state: RolloutState): RolloutTask {
  if (state.phase === 'RollingBack') return 'roll-back';
  if (ENDED_PHASES.includes(state.phase)) return 'end';
  if (state.phase !== 'Progressing') return 'wait';
  return state.stage === 'apply' ? 'apply' : state.stage === 'bake' ? 'bake' : state.stage === 'gate' ? 'judge' : 'wait';
}

/** How many more instances may fail before it stops. */
export function budgetLeft(plan: RolloutPlan, { failed, forgiven }: Pick<RolloutState, 'failed' | 'forgiven'>, total: number): number {
  return Math.max(0, sizeOf(plan.failureBudget.size, total) - (failed - forgiven));
}

/** The state after one event. Pure; an event that does not apply changes nothing. `total`: targets of the rollout. */
export function reduce(plan: RolloutPlan, total: number, state: RolloutState, event: RolloutEvent): RolloutState {
  switch (event.type) {
    case 'command':
      return receive(plan, state, event.command, event.at);
    case 'approval-expired':
      return expire(plan, state);
    case 'batch-began':
      return { ...state, touched: true, passes: state.passes + 1 };
    case 'counted':
      return spend(plan, total, { ...state, failed: event.failed, forgiven: Math.min(state.forgiven, event.failed) });
    case 'wave-applied':
      return applied(plan, state, event.at);
    case 'baked':
      return isIn(state, 'bake') ? { ...state, stage: 'gate' } : state;
    case 'judged':
      return judged(plan, state, event);
    case 'rolled-back':
      return rolledBack(state, event.stuck);
  }
}

function isIn(state: RolloutState, stage: RolloutState['stage']): boolean {
  return state.phase === 'Progressing' && state.stage === stage;
}

function receive(plan: RolloutPlan, before: RolloutState, { commandId, control, by, subject }: RolloutCommand, at: string): RolloutState {
  if (before.seen.includes(commandId)) return before;
  const state = { ...before, seen: [...before.seen, commandId].slice(-SEEN) };
  if (control === 'start') return state.wave < 0 ? ask(plan, { ...state, wave: 0 }, 'start', at) : state;
  if (!allowedControls(state).includes(control)) return state;
  // Decided before, delivered after enough others had agreed: it is about what is asked no more.
  if (subject !== undefined && subject !== subjectAsked(state)) return state;
  switch (control) {
    case 'approve':
      return approve(plan, { ...state, approvedBy: [...new Set([...state.approvedBy, by])] }, at);
    case 'reject':
      return end(state, 'Aborted', 'REJECTED', 'Somebody did not agree.');
    case 'pause':
      return { ...state, phase: 'Paused', reason: 'BY_PERSON', message: null };
    case 'resume':
      return resume(plan, state, at);
    case 'retry':
      return { ...going(state), stage: 'apply' };
    case 'promote':
      return enter(plan, going(state), state.wave + 1, at);
    case 'abort':
      return end(state, 'Aborted', 'BY_PERSON', null);
    case 'rollback':
      return { ...going(state), phase: 'RollingBack', reason: 'BY_PERSON' };
  }
}

function going(state: RolloutState): RolloutState {
  return { ...state, phase: 'Progressing', reason: null, message: null };
}

function end(state: RolloutState, phase: 'Aborted' | 'Failed', reason: RolloutState['reason'], message: string | null): RolloutState {
  return { ...state, phase, reason, message, bakeUntil: null };
}

/** Asks for agreement where the plan wants it, else goes on to the next question or to the work. */
function ask(plan: RolloutPlan, state: RolloutState, asks: RolloutState['asks'], at: string): RolloutState {
  const asking: RolloutState = { ...state, asks, approvedBy: [], askedAt: null, bakeUntil: null };
  if (ruleAsked(plan, asking) !== null) return { ...asking, phase: 'AwaitingApproval', stage: 'approval', reason: null, message: null, askedAt: at };
  return asks === 'start' ? ask(plan, asking, 'wave', at) : { ...going(asking), stage: 'apply' };
}

function approve(plan: RolloutPlan, state: RolloutState, at: string): RolloutState {
  const rule = ruleAsked(plan, state);
  if (rule !== null && !isApproved(rule, state.approvedBy)) return state;
  return state.asks === 'start' ? ask(plan, state, 'wave', at) : { ...going(state), approvedBy: [], askedAt: null, stage: 'apply' };
}

function expire(plan: RolloutPlan, state: RolloutState): RolloutState {
  if (state.phase !== 'AwaitingApproval') return state;
  const onTimeout = ruleAsked(plan, state)?.onTimeout ?? 'hold';
  const message = 'Nobody agreed in time.';
  if (onTimeout === 'hold') return { ...state, phase: 'Paused', reason: 'APPROVAL_EXPIRED', message };
  if (onTimeout === 'rollback' && state.touched) return { ...state, phase: 'RollingBack', reason: 'APPROVAL_EXPIRED', message };
  return end(state, 'Aborted', 'APPROVAL_EXPIRED', message);
}

function resume(plan: RolloutPlan, state: RolloutState, at: string): RolloutState {
  // Those who agreed before the question was closed have agreed.
  if (state.stage === 'approval') return { ...going(state), phase: 'AwaitingApproval', askedAt: ruleAsked(plan, state) === null ? null : at };
  return state.reason === 'BUDGET_SPENT' ? { ...going(state), forgiven: state.failed } : going(state);
}

function enter(plan: RolloutPlan, state: RolloutState, wave: number, at: string): RolloutState {
  if (wave < plan.waves.length) return ask(plan, { ...state, wave }, 'wave', at);
  return { ...state, phase: 'Succeeded', reason: null, message: null, bakeUntil: null };
}

function spend(plan: RolloutPlan, total: number, state: RolloutState): RolloutState {
  const isSpent = state.failed - state.forgiven > sizeOf(plan.failureBudget.size, total);
  if (!isSpent || state.phase !== 'Progressing') return state;
  const message = `${state.failed} of ${total} instances failed.`;
  return { ...state, phase: plan.failureBudget.action === BudgetAction.rollback ? 'RollingBack' : 'Paused', reason: 'BUDGET_SPENT', message };
}

function applied(plan: RolloutPlan, state: RolloutState, at: string): RolloutState {
  if (!isIn(state, 'apply')) return state;
  const gate = plan.waves[state.wave]?.gate ?? null;
  if (gate === null) return enter(plan, state, state.wave + 1, at);
  return { ...state, stage: 'bake', bakeUntil: new Date(Date.parse(at) + gate.bakeSeconds * 1000).toISOString() };
}

function judged(plan: RolloutPlan, before: RolloutState, { verdict, at }: Extract<RolloutEvent, { type: 'judged' }>): RolloutState {
  const state = { ...before, verdicts: before.verdicts + 1 };
  // Whoever stopped it meanwhile has decided; the verdict is kept all the same.
  if (!isIn(state, 'gate')) return state;
  if (verdict.decision === 'proceed') return enter(plan, state, state.wave + 1, at);
  const message = verdict.checks
    .filter(({ result }) => result !== 'passed')
    .map(({ message: said }) => said)
    .join(' ');
  const backwards = verdict.decision === 'fail' && plan.failureBudget.action === BudgetAction.rollback;
  return { ...state, phase: backwards ? 'RollingBack' : 'Paused', reason: 'GATE_HELD', message };
}

function rolledBack(state: RolloutState, stuck: number): RolloutState {
  if (state.phase !== 'RollingBack') return state;
  if (stuck > 0) return { ...state, phase: 'Failed', message: `${stuck} instances could not be rolled back.` };
  return { ...state, phase: 'RolledBack', touched: false };
}
