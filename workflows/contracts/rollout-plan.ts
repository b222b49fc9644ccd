import type { ConfigOverride, InstanceSpec } from './instance.ts';
import type { GateCheck, RolloutChange, WavePlan, WaveSize } from './rollout.ts';

/** What a gate looks at unless somebody says otherwise: all answer, and none was restarted. */
export const DEFAULT_CHECKS: readonly GateCheck[] = [{ kind: 'ready' }, { kind: 'restarts', max: 0 }];

const DEFAULT_BAKE_SECONDS = 60;
const DEFAULT_PARALLEL = 20;

/** One canary, then a tenth, a half, and all. */
export const DEFAULT_WAVES: readonly WavePlan[] = [
  wave('canary', { count: 1 }),
  wave('10 %', { percent: 10 }),
  wave('50 %', { percent: 50 }),
  wave('100 %', { percent: 100 }),
];

function wave(name: string, size: WaveSize): WavePlan {
  return { name, size, maxParallel: DEFAULT_PARALLEL, approval: null, gate: { bakeSeconds: DEFAULT_BAKE_SECONDS, checks: DEFAULT_CHECKS } };
}

/** How many of `total` targets each wave takes, in order. A wave that is left nothing takes 0; the sum may be less than `total`. */
export function waveSizes(waves: readonly Pick<WavePlan, 'size'>[], total: number): readonly number[] {
  let taken = 0;
  return waves.map(({ size }) => {
    const upTo = 'percent' in size ? Math.ceil((total * size.percent) / 100) : taken + size.count;
    const here = Math.max(0, Math.min(upTo, total) - taken);
    taken += here;
    return here;
  });
}

/** How many instances of `total` a size stands for. */
export function sizeOf(size: WaveSize, total: number): number {
  return 'percent' in size ? Math.floor((total * size.percent) / 100) : size.count;
}

/** The spec with the change. The same object when there is nothing to change. */
export function applyChange(spec: InstanceSpec, change: RolloutChange): InstanceSpec {
  switch (change.kind) {
    case 'restart':
      return spec;
    case 'version':
      return spec.version === change.version ? spec : { ...spec, version: change.version };
    case 'config': {
      const { config, version } = change;
      const layers = spec.config.layers ?? [];
      if (!layers.some((pin) => pin.config === config && pin.version !== version)) return spec;
      return { ...spec, config: { ...spec.config, layers: layers.map((pin) => (pin.config === config ? { config, version } : pin)) } };
    }
    case 'overrides': {
      const overrides = changeOverrides(spec.config.overrides, change.set, change.unset);
      return JSON.stringify(overrides) === JSON.stringify(spec.config.overrides) ? spec : { ...spec, config: { ...spec.config, overrides } };
    }
  }
}

/** Keeps the place of what is there already, so that setting a key twice to the same is no change. */
function changeOverrides(before: readonly ConfigOverride[], set: readonly ConfigOverride[], unset: readonly string[]): readonly ConfigOverride[] {
  const wanted = new Map(set.map(({ key, value }) => [key, value]));
  const kept = before.filter(({ key }) => !unset.includes(key)).map(({ key, value }) => ({ key, value: wanted.has(key) ? wanted.get(key) : value }));
  const added = set.filter(({ key }) => !kept.some((override) => override.key === key)).map(({ key, value }) => ({ key, value }));
  return [...kept, ...added];
}

/** The spec without the change: what that touched is as it was before, and whatever else became of the spec meanwhile stays. */
export function restoreSpec(spec: InstanceSpec, before: InstanceSpec, change: RolloutChange): InstanceSpec {
  switch (change.kind) {
    case 'restart':
      return spec;
    case 'version':
      return { ...spec, version: before.version };
    case 'config': {
      const was = before.config.layers?.find(({ config }) => config === change.config);
      if (!was || !spec.config.layers) return spec;
      return { ...spec, config: { ...spec.config, layers: spec.config.layers.map((pin) => (pin.config === change.config ? was : pin)) } };
    }
    case 'overrides': {
      const touched = new Set([...change.set.map(({ key }) => key), ...change.unset]);
      return { ...spec, config: { ...spec.config, overrides: restoreOverrides(spec.config.overrides, before.config.overrides, touched) } };
    }
  }
}

/** What was there before keeps its old place, so that nothing differs where nothing else was changed. */
function restoreOverrides(now: readonly ConfigOverride[], before: readonly ConfigOverride[], touched: ReadonlySet<string>): readonly ConfigOverride[] {
  const old = new Set(before.map(({ key }) => key));
  const kept = before.flatMap((was) => (touched.has(was.key) ? [was] : now.filter(({ key }) => key === was.key)));
  return [...kept, ...now.filter(({ key }) => !touched.has(key) && !old.has(key))];
}

/** Names of what a change touches. Two rollouts with a common instance and a common path must not run at once. */
export function changedPaths(change: RolloutChange): readonly string[] {
  switch (change.kind) {
    case 'config':
      return [`layers.${change.config}`];
    case 'overrides':
      return [...new Set([...change.set.map(({ key }) => key), ...change.unset])].map((key) => `overrides.${key}`);
    case 'version':
    case 'restart':
      return [change.kind];
  }
}

/** One difference between two specs; `path` is a JSON pointer into the spec, null stands for nothing. */
export interface SpecDifference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What a person is shown before they agree: each setting that would be another one. */
export function specDifferences(before: InstanceSpec, after: InstanceSpec): readonly SpecDifference[] {
  const [was, is] = [lines(before), lines(after)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((path) => JSON.stringify(was.get(path)) !== JSON.stringify(is.get(path)))
    .map((path) => ({ path, before: was.get(path) ?? null, after: is.get(path) ?? null }));
}

function lines({ version, config }: InstanceSpec): Map<string, unknown> {
  return new Map<string, unknown>([
    ['/version', version],
    ...(config.layers ?? []).map((pin): [string, unknown] => [`/config/layers/${pin.config}`, pin.version]),
    ...config.overrides.map(({ key, value }): [string, unknown] => [`/config/overrides/${key}`, value]),
  ]);
}
