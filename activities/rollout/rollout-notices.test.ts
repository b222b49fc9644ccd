import { expect, test } from 'vitest';
import type { RolloutPhase, RolloutPlan, RolloutReason } from '../../workflows/contracts/rollout.ts';
import type { RolloutState } from '../../workflows/contracts/rollout-record.ts';
import { noticeOf } from './rollout-notices.ts';

const rule = (roles: readonly string[]) => ({ count: 1, roles, deadlineSeconds: null, onTimeout: 'hold' as const });
const plan = {
  approvalBeforeStart: rule(['approver']),
  waves: [
    { name: 'canary', approval: null },
    { name: 'rest', approval: rule(['owner']) },
  ],
} as unknown as RolloutPlan;
const rollout = { id: 'rol_1', tenantId: 'ten_1', name: 'spring', plan, author: { id: 'usr_mei', name: 'Mei' } };
const notice = (phase: RolloutPhase, state: Partial<RolloutState> = {}) =>
  noticeOf(rollout, { phase, reason: null, wave: 0, asks: 'start', askedAt: 't1', passes: 1, verdicts: 1, ...state } as RolloutState);

test('those who may approve are asked, but never whoever made the rollout', () => {
  expect(notice('AwaitingApproval')).toMatchObject({
    kind: 'approval-needed',
    data: { wave: null, author: 'Mei' },
    to: { roles: ['approver'], except: ['usr_mei'] },
  });
  expect(notice('AwaitingApproval', { asks: 'wave', wave: 1 })).toMatchObject({ data: { wave: 'rest' }, to: { roles: ['owner'] } });
  expect(notice('AwaitingApproval')?.dedupeKey).not.toBe(notice('AwaitingApproval', { askedAt: 't2' })?.dedupeKey);
});

test('whoever made it, and those who look after the tenant, hear that it stopped by itself, not that somebody paused it', () => {
  expect(notice('Paused', { reason: 'GATE_HELD' })).toMatchObject({
    kind: 'rollout-held',
    data: { reason: 'GATE_HELD', wave: 'canary' },
    to: { roles: ['owner', 'admin'], userIds: ['usr_mei'] },
  });
  expect(notice('Paused', { reason: 'BY_PERSON' })).toBeNull();
});

test('its author hears how it ended', () => {
  for (const phase of ['Succeeded', 'RolledBack', 'Aborted'] as const)
    expect(notice(phase)).toMatchObject({ kind: 'rollout-finished', data: { phase }, to: { userIds: ['usr_mei'] } });
  for (const reason of ['REJECTED', 'APPROVAL_EXPIRED'] satisfies RolloutReason[])
    expect(notice('Aborted', { reason })).toMatchObject({ kind: 'rollout-failed', data: { reason } });
  expect(notice('Failed')).toMatchObject({ kind: 'rollout-failed' });
  for (const phase of ['Progressing', 'RollingBack'] as const) expect(notice(phase)).toBeNull();
});
