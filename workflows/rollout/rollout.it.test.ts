import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporalAddress } from '../../deploy/local/testing/database.ts';
import type { RolloutPlan } from '../contracts/rollout.ts';
import { type EntityWorld, entityWorld } from '../testing/entity-world.ts';
import { ScriptedRollout, TWO_WAVES } from '../testing/scripted-rollout.ts';

let world: EntityWorld;
let rollouts = 0;

beforeAll(async () => {
  world = await entityWorld({ address: temporalAddress() });
});

afterAll(() => world.close());

function rollout(plan: RolloutPlan = TWO_WAVES, waves: readonly (readonly string[])[] = [['a'], ['b', 'c', 'd']]): ScriptedRollout {
  rollouts += 1;
  return new ScriptedRollout(world, `rol_${rollouts}`, plan, waves);
}

const FORWARD = ['forward a', 'forward b', 'forward c', 'forward d'];

describe('a rollout', () => {
  test('changes every instance once, wave by wave, and judges the gate between them', async () => {
    const it = rollout();
    await it.say('start');
    await it.handle.result();
    expect(it.changes[0]).toBe('forward a');
    expect([...it.changes].sort()).toEqual(FORWARD);
    expect(it.counts).toEqual({ applied: 4 });
    expect(it.records.flatMap(({ verdict }) => (verdict ? [[verdict.wave, verdict.verdict.decision]] : []))).toEqual([[0, 'proceed']]);
    expect(it.state?.phase).toBe('Succeeded');
  });

  test('stops at a gate that fails and touches nobody outside the wave', async () => {
    const it = rollout();
    it.seen = { ...it.seen, ready: 0, notReady: ['a'] };
    await it.say('start');
    await it.reaches('Paused');
    expect(it.changes).toEqual(['forward a']);
    expect(it.state).toMatchObject({ reason: 'GATE_HELD', message: '0 of 1 answer. Not: a.' });
    await it.say('rollback');
    await it.handle.result();
    expect(it.changes).toEqual(['forward a', 'back a']);
    expect(it.counts).toEqual({ 'rolled-back': 1, pending: 3 });
  });

  test('rolls back by itself when more have failed than may, newest wave first', async () => {
    const it = rollout({ ...TWO_WAVES, failureBudget: { size: { count: 0 }, action: 'rollback' } });
    it.failing.add('b');
    await it.say('start');
    await it.handle.result();
    expect(it.state).toMatchObject({ phase: 'RolledBack', reason: 'BUDGET_SPENT' });
    expect(it.changes.at(-1)).toBe('back a');
    expect(it.counts.applied ?? 0).toBe(0);
    expect(it.counts['rolled-back']).toBe(it.changes.filter((change) => change.startsWith('forward')).length);
  });

  test('lets what has begun end when it is paused, and begins with nothing more', async () => {
    const it = rollout(TWO_WAVES, [['a'], ['b', 'c', 'd', 'e']]);
    for (const held of ['b', 'c']) it.held.add(held);
    await it.say('start');
    await it.until(({ changes }) => changes.length === 3);
    await it.say('pause');
    await it.reaches('Paused');
    await it.halted(2, 1);
    await it.end('b', 2);
    await it.end('c', 2);
    await it.until(({ counts }) => counts.applied === 3);
    expect(it.counts).toEqual({ applied: 3, pending: 2 });
    await it.say('resume');
    await it.handle.result();
    expect(it.counts).toEqual({ applied: 5 });
    expect(new Set(it.changes).size).toBe(it.changes.length);
  });

  test('does not wait for what hangs when it is rolled back', async () => {
    const it = rollout();
    it.held.add('a');
    await it.say('start');
    await it.until(({ changes }) => changes.length === 1);
    it.held.delete('a');
    await it.say('rollback');
    await it.handle.result();
    expect(it.changes).toEqual(['forward a', 'back a']);
    expect(it.state?.phase).toBe('RolledBack');
  });

  test('begins anew from its record when somebody wants it back after it had succeeded', async () => {
    const it = rollout();
    await it.say('start');
    await it.handle.result();
    await it.say('rollback');
    await it.reaches('RolledBack');
    expect(it.counts).toEqual({ 'rolled-back': 4 });
    expect(it.changes.at(-1)).toBe('back a');
  });

  test('keeps an approval that is given while no worker runs', async () => {
    const it = rollout({ ...TWO_WAVES, approvalBeforeStart: { count: 1, roles: ['approver'], deadlineSeconds: null, onTimeout: 'hold' } });
    await it.say('start');
    await it.reaches('AwaitingApproval');
    expect(it.changes).toEqual([]);
    await world.stopWorker();
    await it.say('approve');
    await world.startWorker();
    await it.handle.result();
    expect(it.counts).toEqual({ applied: 4 });
  });

  test.each([
    ['hold', 'Paused'],
    ['abort', 'Aborted'],
    ['rollback', 'Aborted'],
  ] as const)('that nobody agrees to in time does what its plan says: %s', async (onTimeout, phase) => {
    const it = rollout({ ...TWO_WAVES, approvalBeforeStart: { count: 1, roles: ['approver'], deadlineSeconds: 1, onTimeout } });
    await it.say('start');
    await it.reaches(phase);
    expect(it.state?.reason).toBe('APPROVAL_EXPIRED');
    expect(it.changes).toEqual([]);
  });
});
