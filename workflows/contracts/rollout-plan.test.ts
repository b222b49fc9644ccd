import { describe, expect, test } from 'vitest';
import type { InstanceSpec } from './instance.ts';
import type { RolloutChange } from './rollout.ts';
import { applyChange, changedPaths, DEFAULT_WAVES, restoreSpec, sizeOf, specDifferences, waveSizes } from './rollout-plan.ts';

const spec: InstanceSpec = {
  type: 'echo',
  version: '1.0.0',
  replicas: 1,
  placement: { driver: 'host', hostId: 'hst_1' },
  resources: { cpu: '1', memory: '1Gi', storage: '1Gi' },
  config: { overrides: [{ key: 'greeting', value: 'hello' }], layers: [{ config: 'cfg_1', version: 1 }] },
};

const LAYERS = (version: number) => [{ config: 'cfg_1', version }];

describe('waves', () => {
  test.each([
    [1, [1, 0, 0, 0]],
    [2, [1, 0, 0, 1]],
    [10, [1, 0, 4, 5]],
    [40, [1, 3, 16, 20]],
    [1000, [1, 99, 400, 500]],
  ])('the default of %i targets is %j', (total, sizes) => {
    expect(waveSizes(DEFAULT_WAVES, total)).toEqual(sizes);
  });

  test('a count takes so many more, a percentage counts the waves before', () => {
    expect(waveSizes([{ size: { count: 2 } }, { size: { count: 2 } }, { size: { percent: 50 } }], 10)).toEqual([2, 2, 1]);
  });

  test('waves may leave targets out, which is for the caller to refuse', () => {
    expect(waveSizes([{ size: { count: 2 } }], 10)).toEqual([2]);
  });

  test('a budget in percent is rounded down: half an instance may not fail', () => {
    expect([sizeOf({ percent: 10 }, 19), sizeOf({ percent: 10 }, 5), sizeOf({ count: 3 }, 5)]).toEqual([1, 0, 3]);
  });
});

describe('a change', () => {
  test.each<[RolloutChange, Partial<InstanceSpec>]>([
    [{ kind: 'version', version: '1.1.0' }, { version: '1.1.0' }],
    [{ kind: 'overrides', set: [{ key: 'greeting', value: 'hi' }], unset: [] }, { config: { ...spec.config, overrides: [{ key: 'greeting', value: 'hi' }] } }],
    [
      { kind: 'overrides', set: [{ key: 'model.name', value: 'm' }], unset: ['greeting'] },
      { config: { ...spec.config, overrides: [{ key: 'model.name', value: 'm' }] } },
    ],
    [{ kind: 'config', config: 'cfg_1', version: 2 }, { config: { ...spec.config, layers: [{ config: 'cfg_1', version: 2 }] } }],
  ])('%j moves what it names and nothing else', (change, expected) => {
    const after = applyChange(spec, change);
    expect(after).toEqual({ ...spec, ...expected });
    expect(restoreSpec(after, spec, change)).toEqual(spec);
    expect(specDifferences(spec, after).length).toBeGreaterThan(0);
  });

  test.each<[RolloutChange, Partial<InstanceSpec>, Partial<InstanceSpec>]>([
    [
      { kind: 'version', version: '1.1.0' },
      { config: { overrides: [], layers: [{ config: 'cfg_1', version: 3 }] } },
      { config: { overrides: [], layers: [{ config: 'cfg_1', version: 3 }] } },
    ],
    [
      { kind: 'config', config: 'cfg_1', version: 2 },
      { version: '1.1.0', config: { overrides: [{ key: 'other', value: 1 }], layers: [...LAYERS(2), { config: 'cfg_2', version: 5 }] } },
      { version: '1.1.0', config: { overrides: [{ key: 'other', value: 1 }], layers: [...LAYERS(1), { config: 'cfg_2', version: 5 }] } },
    ],
    [
      {
        kind: 'overrides',
        set: [
          { key: 'greeting', value: 'hi' },
          { key: 'new', value: 1 },
        ],
        unset: [],
      },
      {
        version: '1.1.0',
        config: {
          ...spec.config,
          layers: LAYERS(2),
          overrides: [
            { key: 'other', value: 1 },
            { key: 'greeting', value: 'hi' },
            { key: 'new', value: 1 },
          ],
        },
      },
      {
        version: '1.1.0',
        config: {
          ...spec.config,
          layers: LAYERS(2),
          overrides: [
            { key: 'greeting', value: 'hello' },
            { key: 'other', value: 1 },
          ],
        },
      },
    ],
    [
      { kind: 'overrides', set: [], unset: ['greeting'] },
      { version: '1.1.0', config: { overrides: [] } },
      { version: '1.1.0', config: { overrides: spec.config.overrides } },
    ],
  ])('%j taken back leaves what else was changed meanwhile', (change, since, expected) => {
    expect(restoreSpec({ ...spec, ...since }, spec, change)).toEqual({ ...spec, ...expected });
  });

  test.each<RolloutChange>([
    { kind: 'restart' },
    { kind: 'version', version: '1.0.0' },
    { kind: 'config', config: 'cfg_1', version: 1 },
    { kind: 'config', config: 'cfg_2', version: 1 },
    { kind: 'overrides', set: [{ key: 'greeting', value: 'hello' }], unset: ['model.name'] },
  ])('%j changes nothing of this spec', (change) => {
    expect(applyChange(spec, change)).toBe(spec);
  });

  test('it is shown setting by setting', () => {
    const after = applyChange(spec, { kind: 'overrides', set: [{ key: 'model.name', value: 'm' }], unset: ['greeting'] });
    expect(specDifferences(spec, after)).toEqual([
      { path: '/config/overrides/greeting', before: 'hello', after: null },
      { path: '/config/overrides/model.name', before: null, after: 'm' },
    ]);
  });

  test('two changes of one setting have a common path, of different settings none', () => {
    expect(changedPaths({ kind: 'overrides', set: [{ key: 'a', value: 1 }], unset: ['b', 'a'] })).toEqual(['overrides.a', 'overrides.b']);
    expect(changedPaths({ kind: 'config', config: 'cfg_1', version: 2 })).toEqual(['layers.cfg_1']);
  });
});
