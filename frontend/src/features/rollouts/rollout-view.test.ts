import { describe, expect, it } from 'vitest';
import type { Rollout } from '../../api/rollouts.ts';
import { differenceSubject, groupDifferences, valueText } from './differences.ts';
import { timelineOf } from './rollout-timeline.ts';
import { controlsOf, progressOf, wavesOf } from './rollout-view.ts';

const AT = '2026-11-21T10:00:00.000Z';
const later = (minutes: number): string => new Date(Date.parse(AT) + minutes * 60_000).toISOString();
const plan = { gate: { bakeSeconds: 60, checks: [] } };
const ROLLOUT = {
  id: 'rol_a',
  name: 'winter',
  phase: 'Progressing',
  wave: 1,
  targets: 10,
  counts: { applied: 2, failed: 1, applying: 1, pending: 6 },
  createdAt: AT,
  createdBy: { id: 'usr_a', name: 'Ada' },
  finishedAt: null,
  plan: { waves: [plan, { gate: null }, plan] },
  waves: [
    { wave: 0, name: 'canary', targets: 1, counts: { applied: 1 }, startedAt: later(2), finishedAt: later(5) },
    { wave: 1, name: 'half', targets: 4, counts: { applied: 1, failed: 1, applying: 1, pending: 1 }, startedAt: later(5), finishedAt: null },
    { wave: 2, name: 'rest', targets: 5, counts: { pending: 5 }, startedAt: null, finishedAt: null },
  ],
  approvals: [{ subject: 'start', decision: 'approve', by: { id: 'usr_b', name: 'Lin' }, comment: 'go', at: later(1) }],
  verdicts: [
    { wave: 0, decision: 'proceed', checks: [], at: later(4.5) },
    { wave: 0, decision: 'hold', checks: [], at: later(4) },
    { wave: 0, decision: 'hold', checks: [], at: later(3) },
  ],
} as unknown as Rollout;

describe('a rollout', () => {
  it('counts what has the change, and what failed', () => expect(progressOf(ROLLOUT)).toEqual({ done: 2, failed: 1, total: 10 }));

  it('counts what is back while it goes back', () => {
    expect(progressOf({ ...ROLLOUT, phase: 'RollingBack', counts: { 'rolled-back': 3, applied: 4, stuck: 1 } as never })).toEqual({
      done: 3,
      failed: 1,
      total: 10,
    });
  });

  it('shows of every wave where it stands and what its gate found last', () => {
    const seen = wavesOf(ROLLOUT).map(({ state, tone, gate, done, failed }) => [state, tone, gate, done, failed]);
    expect(seen).toEqual([
      ['done', 'success', 'proceed', 1, 0],
      ['current', 'error', 'none', 1, 1],
      ['pending', 'neutral', 'waiting', 0, 0],
    ]);
  });

  it('offers what is allowed to whoever may do it, and approvals elsewhere', () => {
    const names = (allowed: Parameters<typeof controlsOf>[0], mays: readonly string[]) =>
      controlsOf(allowed, (action) => mays.includes(action)).map(({ control }) => control);
    expect(names(['pause', 'promote', 'abort', 'rollback'], ['operate', 'use'])).toEqual(['pause', 'promote', 'rollback', 'abort']);
    expect(names(['pause', 'promote', 'abort'], ['use'])).toEqual(['promote']);
    expect(names(['approve', 'reject', 'abort'], ['operate', 'use'])).toEqual(['abort']);
    expect(names(['pause'], [])).toEqual([]);
  });

  it('tells what happened from the end to the beginning, and of a gate only when it says something else', () => {
    const told = timelineOf(ROLLOUT).map(({ kind, who, wave }) => [kind, who?.name ?? null, wave]);
    expect(told).toEqual([
      ['waveFinished', null, 'canary'],
      ['waveStarted', null, 'half'],
      ['gatePassed', null, 'canary'],
      ['gateHeld', null, 'canary'],
      ['waveStarted', null, 'canary'],
      ['approved', 'Lin', null],
      ['created', 'Ada', null],
    ]);
  });
});

describe('differences', () => {
  const version = [{ path: '/version', before: '1', after: '2' }];
  const model = [{ path: '/config/overrides/model.name', before: null, after: 'demo' }];

  it('that are alike stand together, the most usual first', () => {
    const groups = groupDifferences([
      { name: 'a', differences: model },
      { name: 'b', differences: version },
      { name: 'c', differences: version },
    ]);
    expect(groups).toEqual([
      { names: ['b', 'c'], differences: version },
      { names: ['a'], differences: model },
    ]);
  });

  it('are called what people call them', () => {
    expect(differenceSubject('/version')).toEqual({ kind: 'version', name: '' });
    expect(differenceSubject('/config/layers/cfg_sales')).toEqual({ kind: 'config', name: 'cfg_sales' });
    expect(differenceSubject('/config/overrides/model.name')).toEqual({ kind: 'setting', name: 'model.name' });
    expect(differenceSubject('/elsewhere')).toEqual({ kind: 'other', name: '/elsewhere' });
  });

  it('show values as they are, and nothing as nothing', () => {
    expect([valueText('demo'), valueText({ a: 1 }), valueText(false), valueText(null)]).toEqual(['demo', '{"a":1}', 'false', null]);
  });
});
