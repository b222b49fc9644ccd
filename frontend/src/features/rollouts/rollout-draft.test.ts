import { describe, expect, it } from 'vitest';
import { checksOf, createBody, emptyRollout, planBody, withWave } from './rollout-draft.ts';
import { draftFromUrl } from './rollout-link.ts';

const restart = { ...emptyRollout(), name: ' winter ', kind: 'restart' as const };

describe('a new rollout', () => {
  it('asks nothing of the API while it changes nothing', () => {
    expect(planBody(emptyRollout())).toBeNull();
    expect(planBody({ ...emptyRollout(), kind: 'overrides', settings: { 'model.name': undefined } })).toBeNull();
    expect(createBody({ ...restart, name: ' ' })).toBeNull();
  });

  it('needs nothing but a name and a change: a canary, a tenth, a half, all', () => {
    const body = createBody(restart);
    expect(body).toMatchObject({
      name: 'winter',
      change: { kind: 'restart' },
      approvalBeforeStart: null,
      failureBudget: { size: { count: 0 }, action: 'pause' },
    });
    expect(body?.waves?.map(({ size }) => size)).toEqual([{ count: 1 }, { percent: 10 }, { percent: 50 }, { percent: 100 }]);
    expect(body?.waves?.every(({ approval }) => approval === null)).toBe(true);
    expect(JSON.parse(JSON.stringify(body?.selector))).toEqual({});
  });

  it('sets what has a value and gives back what was named', () => {
    const change = planBody({ ...emptyRollout(), kind: 'overrides', settings: { 'model.name': 'demo', 'agent.name': undefined }, unset: ['x.y'] })?.change;
    expect(change).toEqual({ kind: 'overrides', set: [{ key: 'model.name', value: 'demo' }], unset: ['x.y'] });
  });

  it('looks in its gates at what was given a limit', () => {
    expect(checksOf(restart).map(({ kind }) => kind)).toEqual(['ready', 'restarts']);
    expect(checksOf({ ...restart, maxErrorPercent: 5, maxLatencyMs: 2000, checkUrl: ' https://x.example/ ' })).toEqual([
      { kind: 'ready' },
      { kind: 'restarts', max: 0 },
      { kind: 'modelErrorRate', maxRatio: 0.05, minRequests: 20 },
      { kind: 'modelLatency', p95Milliseconds: 2000, minRequests: 20 },
      { kind: 'http', url: 'https://x.example/' },
    ]);
  });

  it('asks as many people as were wished, before it begins and before the waves that say so', () => {
    const [first, ...others] = restart.waves;
    const body = planBody({ ...restart, asksFirst: true, approvals: 2, waves: first ? [{ ...first, asks: true }, ...others] : [] });
    expect(body?.approvalBeforeStart).toEqual({ count: 2 });
    expect(body?.waves?.map(({ approval }) => approval)).toEqual([{ count: 2 }, null, null, null]);
  });

  it('gets another wave before the last, half-way between', () => {
    expect(withWave(restart.waves, 'more').map(({ name, size }) => [name, size])).toEqual([
      ['canary', 1],
      ['10 %', 10],
      ['50 %', 50],
      ['more', 75],
      ['100 %', 100],
    ]);
  });
});

describe('an address of a new rollout', () => {
  it('brings a version of a config, of a claw, or chosen claws along', () => {
    expect(draftFromUrl({ config: 'cfg_a', to: '4' })).toMatchObject({ kind: 'config', config: { id: 'cfg_a', version: 4 } });
    expect(draftFromUrl({ type: 'openclaw', to: '2026.9.1', ids: 'ins_a,ins_b' })).toMatchObject({
      kind: 'version',
      type: 'openclaw',
      version: '2026.9.1',
      ids: ['ins_a', 'ins_b'],
    });
    expect(draftFromUrl({ config: 'cfg_a', to: 'x' })).toMatchObject({ kind: 'version', config: null, version: '' });
  });
});
