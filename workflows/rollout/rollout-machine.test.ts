import { describe, expect, test } from 'vitest';
import type { ApprovalRule, RolloutControl, RolloutPlan, Verdict } from '../contracts/rollout.ts';
import type { RolloutState } from '../contracts/rollout-record.ts';
import { budgetLeft, nextTask, type RolloutEvent, reduce } from './rollout-machine.ts';
import { newRollout } from './state.ts';

const AT = '2026-11-21T10:00:00.000Z';
const TOTAL = 10;
const gate = { bakeSeconds: 30, checks: [{ kind: 'ready' }] } as const;
const rule: ApprovalRule = { count: 1, roles: ['approver'], deadlineSeconds: 60, onTimeout: 'hold' };
const plan: RolloutPlan = {
  approvalBeforeStart: null,
  waves: [
    { name: 'canary', size: { count: 1 }, maxParallel: 1, approval: null, gate },
    { name: 'rest', size: { percent: 100 }, maxParallel: 5, approval: null, gate: null },
  ],
  failureBudget: { size: { count: 0 }, action: 'pause' },
  readyWithinSeconds: 60,
};

let commands = 0;
function say(control: RolloutControl | 'start', by = 'usr_2', subject?: string): RolloutEvent {
  commands += 1;
  return { type: 'command', command: { commandId: `rlc_${commands}`, control, by, ...(subject === undefined ? {} : { subject }) }, at: AT };
}
const verdict = (decision: Verdict['decision']): RolloutEvent => ({ type: 'judged', verdict: { decision, checks: [] }, at: AT });
const began: RolloutEvent = { type: 'batch-began' };
const counted = (failed: number): RolloutEvent => ({ type: 'counted', failed });
const waveApplied: RolloutEvent = { type: 'wave-applied', at: AT };

function through(events: readonly RolloutEvent[], of: RolloutPlan = plan): RolloutState {
  return events.reduce((state, event) => reduce(of, TOTAL, state, event), newRollout());
}

describe('a rollout', () => {
  test('waits for its start, then goes through every wave and gate', () => {
    expect(nextTask(newRollout())).toBe('wait');
    const atGate = [say('start'), counted(0), began, waveApplied, { type: 'baked' } as const];
    expect(nextTask(through(atGate))).toBe('judge');
    const passed = through([...atGate, verdict('proceed')]);
    expect(passed).toMatchObject({ phase: 'Progressing', wave: 1, stage: 'apply' });
    expect(reduce(plan, TOTAL, passed, waveApplied).phase).toBe('Succeeded');
  });

  test('takes a command once, however often it is delivered', () => {
    const pause = say('pause');
    const state = through([say('start'), pause, say('resume'), pause]);
    expect(state.phase).toBe('Progressing');
  });

  test('bakes for as long as the gate says', () => {
    expect(through([say('start'), began, waveApplied]).bakeUntil).toBe('2026-11-21T10:00:30.000Z');
  });

  test.each(['pause', 'rollback'] as const)('with more failures than its budget does what the budget says: %s', (action) => {
    const strict: RolloutPlan = { ...plan, failureBudget: { size: { count: 1 }, action } };
    expect(through([say('start'), began, counted(1)], strict).phase).toBe('Progressing');
    expect(through([say('start'), began, counted(2)], strict)).toMatchObject({
      phase: action === 'pause' ? 'Paused' : 'RollingBack',
      reason: 'BUDGET_SPENT',
    });
  });

  test('goes on after spent failures when somebody forgives them, and stops at the next', () => {
    const forgiven = through([say('start'), began, counted(1), say('resume')]);
    expect(forgiven).toMatchObject({ phase: 'Progressing', stage: 'apply' });
    expect(budgetLeft(plan, forgiven, TOTAL)).toBe(0);
    expect(reduce(plan, TOTAL, forgiven, counted(1)).phase).toBe('Progressing');
    expect(reduce(plan, TOTAL, forgiven, counted(2)).phase).toBe('Paused');
  });

  test.each([
    ['hold', 'pause', 'Paused'],
    ['hold', 'rollback', 'Paused'],
    ['fail', 'pause', 'Paused'],
    ['fail', 'rollback', 'RollingBack'],
  ] as const)('after the verdict %s with the action %s is %s', (decision, action, phase) => {
    const of: RolloutPlan = { ...plan, failureBudget: { size: { count: 0 }, action } };
    expect(through([say('start'), began, waveApplied, { type: 'baked' }, verdict(decision)], of)).toMatchObject({ phase, reason: 'GATE_HELD' });
  });

  test('a held gate is judged again on resume and skipped on promote', () => {
    const held = [say('start'), began, waveApplied, { type: 'baked' } as const, verdict('hold')];
    expect(nextTask(through([...held, say('resume')]))).toBe('judge');
    expect(through([...held, say('promote')])).toMatchObject({ phase: 'Progressing', wave: 1 });
  });

  test('does not let a verdict decide that came after somebody had', () => {
    expect(through([say('start'), began, waveApplied, { type: 'baked' }, say('pause'), verdict('proceed')])).toMatchObject({
      phase: 'Paused',
      wave: 0,
      verdicts: 1,
    });
  });

  test('rolls back what it touched, also after it succeeded, and not twice', () => {
    const done = through([say('start'), began, waveApplied, { type: 'baked' }, verdict('proceed'), began, waveApplied, say('rollback')]);
    expect(nextTask(done)).toBe('roll-back');
    const back = reduce(plan, TOTAL, done, { type: 'rolled-back', stuck: 0 });
    expect(back).toMatchObject({ phase: 'RolledBack', touched: false });
    expect(reduce(plan, TOTAL, back, say('rollback')).phase).toBe('RolledBack');
    expect(reduce(plan, TOTAL, done, { type: 'rolled-back', stuck: 2 }).phase).toBe('Failed');
  });

  test('that touched nothing has nothing to roll back', () => {
    expect(through([say('start'), say('rollback')]).phase).toBe('Progressing');
  });

  test.each(['AwaitingApproval', 'Progressing', 'Paused'] as const)('can be aborted while it is %s', (phase) => {
    expect(reduce(plan, TOTAL, { ...through([say('start')]), phase }, say('abort')).phase).toBe('Aborted');
  });
});

describe('approval', () => {
  const asking: RolloutPlan = { ...plan, approvalBeforeStart: { ...rule, count: 2 }, waves: plan.waves.map((wave) => ({ ...wave, approval: rule })) };

  test('before the start and before each wave are asked one after the other', () => {
    const state = through([say('start'), say('approve', 'usr_2'), say('approve', 'usr_2')], asking);
    expect(state).toMatchObject({ phase: 'AwaitingApproval', asks: 'start', approvedBy: ['usr_2'] });
    const begun = reduce(asking, TOTAL, state, say('approve', 'usr_3'));
    expect(begun).toMatchObject({ phase: 'AwaitingApproval', asks: 'wave', approvedBy: [] });
    expect(reduce(asking, TOTAL, begun, say('approve'))).toMatchObject({ phase: 'Progressing', stage: 'apply' });
  });

  test.each(['approve', 'reject'] as const)('of what is asked no more counts for nothing else: %s', (late) => {
    const of = { ...asking, approvalBeforeStart: rule };
    const state = through([say('start'), say('approve', 'usr_2', 'start'), say(late, 'usr_3', 'start')], of);
    expect(state).toMatchObject({ phase: 'AwaitingApproval', asks: 'wave', wave: 0, approvedBy: [] });
    expect(reduce(of, TOTAL, state, say('approve', 'usr_3', '0'))).toMatchObject({ phase: 'Progressing', stage: 'apply' });
  });

  test('that is refused ends it', () => {
    expect(through([say('start'), say('reject')], asking)).toMatchObject({ phase: 'Aborted', reason: 'REJECTED' });
  });

  test.each([
    ['hold', false, 'Paused'],
    ['abort', false, 'Aborted'],
    ['rollback', false, 'Aborted'],
    ['rollback', true, 'RollingBack'],
  ] as const)('that never comes does what the plan says: %s, touched %s', (onTimeout, touched, phase) => {
    const of: RolloutPlan = { ...plan, approvalBeforeStart: { ...rule, onTimeout } };
    expect(reduce(of, TOTAL, { ...through([say('start')], of), touched }, { type: 'approval-expired' })).toMatchObject({ phase, reason: 'APPROVAL_EXPIRED' });
  });

  test('is asked for once more on resume, and never skipped by a retry', () => {
    const expired = through([say('start'), { type: 'approval-expired' }], { ...plan, approvalBeforeStart: rule });
    expect(reduce({ ...plan, approvalBeforeStart: rule }, TOTAL, { ...expired, touched: true }, say('retry')).phase).toBe('Paused');
    expect(reduce({ ...plan, approvalBeforeStart: rule }, TOTAL, expired, say('resume')).phase).toBe('AwaitingApproval');
  });
});
