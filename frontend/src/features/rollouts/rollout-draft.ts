import type { BudgetAction, GateCheck, WaveSize } from '../../../../workflows/contracts/rollout.ts';
import { DEFAULT_WAVES } from '../../../../workflows/contracts/rollout-plan.ts';
import type { CreateRollout, PreviewRollout } from '../../api/rollouts.ts';
import { overridesOf } from '../instances/draft.ts';

/** What can be changed by hand here; the version of a config is chosen where the config is. */
export const CHANGE_KINDS = ['version', 'overrides', 'restart'] as const;

/** A wave as somebody types it. */
export interface WaveDraft {
  name: string;
  size: number;
  unit: 'count' | 'percent';
  bakeSeconds: number;
  /** Somebody must agree before it begins. */
  asks: boolean;
}

/** A rollout as somebody types it; the numbers of the gates hold for every wave. */
export interface RolloutDraft {
  name: string;
  kind: 'version' | 'overrides' | 'restart' | 'config';
  version: string;
  settings: Record<string, unknown>;
  unset: string[];
  config: { id: string; version: number } | null;
  ids: string[];
  type: string;
  projectId: string;
  onlyVersion: string;
  labels: string;
  waves: WaveDraft[];
  parallel: number;
  asksFirst: boolean;
  approvals: number;
  maxRestarts: number;
  /** Highest share of failed model calls in percent; null: not looked at. */
  maxErrorPercent: number | null;
  /** Longest 95th percentile of model calls in milliseconds; null: not looked at. */
  maxLatencyMs: number | null;
  checkUrl: string;
  mayFail: number;
  onFailure: BudgetAction;
  readyWithinSeconds: number;
}

/** Below this number of calls traffic says too little, and the gate waits for more. */
export const LEAST_REQUESTS = 20;

/** A rollout that needs nothing but a name and a change. */
export function emptyRollout(): RolloutDraft {
  return {
    name: '',
    kind: 'version',
    version: '',
    settings: {},
    unset: [],
    config: null,
    ids: [],
    type: '',
    projectId: '',
    onlyVersion: '',
    labels: '',
    waves: DEFAULT_WAVES.map(({ name, size, gate }) => ({ name, ...sized(size), bakeSeconds: gate?.bakeSeconds ?? 0, asks: false })),
    parallel: DEFAULT_WAVES[0]?.maxParallel ?? 1,
    asksFirst: false,
    approvals: 1,
    maxRestarts: 0,
    maxErrorPercent: null,
    maxLatencyMs: null,
    checkUrl: '',
    mayFail: 0,
    onFailure: 'pause',
    readyWithinSeconds: 180,
  };
}

function sized(size: WaveSize): Pick<WaveDraft, 'size' | 'unit'> {
  return 'percent' in size ? { size: size.percent, unit: 'percent' } : { size: size.count, unit: 'count' };
}

/** What every gate looks at. */
export function checksOf({ maxRestarts, maxErrorPercent, maxLatencyMs, checkUrl }: RolloutDraft): GateCheck[] {
  const url = checkUrl.trim();
  return [
    { kind: 'ready' },
    { kind: 'restarts', max: maxRestarts },
    ...(maxErrorPercent === null ? [] : [{ kind: 'modelErrorRate' as const, maxRatio: maxErrorPercent / 100, minRequests: LEAST_REQUESTS }]),
    ...(maxLatencyMs === null ? [] : [{ kind: 'modelLatency' as const, p95Milliseconds: maxLatencyMs, minRequests: LEAST_REQUESTS }]),
    ...(url === '' ? [] : [{ kind: 'http' as const, url }]),
  ];
}

/** The change that was typed; null while there is none. */
function changeOf({ kind, version, settings, unset, config }: RolloutDraft): PreviewRollout['change'] | null {
  switch (kind) {
    case 'restart':
      return { kind };
    case 'version':
      return version === '' ? null : { kind, version };
    case 'config':
      return config === null ? null : { kind, config: config.id, version: config.version };
    case 'overrides': {
      const set = overridesOf(settings);
      return set.length + unset.length === 0 ? null : { kind, set, unset };
    }
  }
}

/** What is asked of the API about a draft; null while it changes nothing. */
export function planBody(draft: RolloutDraft): PreviewRollout | null {
  const change = changeOf(draft);
  if (change === null) return null;
  const rule = { count: draft.approvals };
  const checks = checksOf(draft);
  const said = (text: string): string | undefined => text.trim() || undefined;
  return {
    change,
    selector: {
      ids: draft.ids.length === 0 ? undefined : draft.ids,
      type: said(draft.type),
      projectId: said(draft.projectId),
      version: said(draft.onlyVersion),
      labels: said(draft.labels),
    },
    approvalBeforeStart: draft.asksFirst ? rule : null,
    waves: draft.waves.map(({ name, size, unit, bakeSeconds, asks }) => ({
      name: name.trim(),
      size: unit === 'percent' ? { percent: size } : { count: size },
      maxParallel: draft.parallel,
      approval: asks ? rule : null,
      gate: { bakeSeconds, checks },
    })),
    failureBudget: { size: { count: draft.mayFail }, action: draft.onFailure },
    readyWithinSeconds: draft.readyWithinSeconds,
  } as PreviewRollout;
}

/** The request of a draft; null while something is missing. */
export function createBody(draft: RolloutDraft): CreateRollout | null {
  const body = planBody(draft);
  const name = draft.name.trim();
  return body === null || name === '' ? null : { name, ...body };
}

/** A wave more, before the last one, which takes everybody who is left. */
export function withWave(waves: readonly WaveDraft[], name: string): WaveDraft[] {
  const last = waves.at(-1);
  const before = waves.at(-2);
  const percent = before?.unit === 'percent' ? Math.round((before.size + 100) / 2) : 25;
  const added: WaveDraft = { name, size: percent, unit: 'percent', bakeSeconds: before?.bakeSeconds ?? 60, asks: false };
  return last ? [...waves.slice(0, -1), added, last] : [added];
}
