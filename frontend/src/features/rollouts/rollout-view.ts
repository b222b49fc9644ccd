import { ENDED_PHASES, type RolloutControl, type RolloutPhase, type TargetState } from '../../../../workflows/contracts/rollout.ts';
import type { Rollout, RolloutSummary, RolloutVerdict } from '../../api/rollouts.ts';
import type { Tone } from '../instances/status-view.ts';

const PHASE_TONES: Readonly<Record<RolloutPhase, Tone>> = {
  AwaitingApproval: 'warning',
  Progressing: 'info',
  Paused: 'warning',
  RollingBack: 'warning',
  Succeeded: 'success',
  RolledBack: 'neutral',
  Aborted: 'neutral',
  Failed: 'error',
};

export const TARGET_TONES: Readonly<Record<TargetState, Tone>> = {
  pending: 'neutral',
  applying: 'info',
  applied: 'success',
  deferred: 'success',
  failed: 'error',
  skipped: 'neutral',
  'rolling-back': 'warning',
  'rolled-back': 'neutral',
  stuck: 'error',
};

/** States that people look for first. */
export const TARGET_STATES = Object.keys(TARGET_TONES) as readonly TargetState[];
const DONE: readonly TargetState[] = ['applied', 'deferred', 'skipped', 'rolled-back'];
const CHANGED: readonly TargetState[] = ['applied', 'deferred'];
const FAILED: readonly TargetState[] = ['failed', 'stuck'];

type Counts = Readonly<Partial<Record<TargetState, number>>>;
const sum = (counts: Counts, states: readonly TargetState[]): number => states.reduce((total, state) => total + (counts[state] ?? 0), 0);

export function phaseTone(phase: RolloutPhase): Tone {
  return PHASE_TONES[phase];
}

/** Whether something is under way that changes by itself. */
export function isMoving(phase: RolloutPhase): boolean {
  return phase === 'Progressing' || phase === 'RollingBack';
}

export function isEnded(phase: RolloutPhase): boolean {
  return ENDED_PHASES.includes(phase);
}

/** How far it is: targets that have the change, that failed, and of how many. While it goes back, `done` counts those that are back. */
export function progressOf({ phase, counts, targets }: Pick<RolloutSummary, 'phase' | 'counts' | 'targets'>) {
  const back = phase === 'RollingBack' || phase === 'RolledBack';
  return { done: sum(counts, back ? ['rolled-back'] : [...CHANGED, 'skipped']), failed: sum(counts, FAILED), total: targets };
}

/** How a wave stands. `judged`: its gate found it good; `held`: it did not, or does not know. */
export interface WaveView {
  readonly wave: number;
  readonly name: string;
  readonly targets: number;
  readonly done: number;
  readonly failed: number;
  readonly state: 'pending' | 'current' | 'done';
  readonly tone: Tone;
  readonly gate: 'none' | 'waiting' | RolloutVerdict['decision'];
}

/** The waves from the first to the last, each with what its gate found last. */
export function wavesOf(rollout: Pick<Rollout, 'waves' | 'verdicts' | 'plan' | 'phase' | 'wave'>): readonly WaveView[] {
  return rollout.waves.map(({ wave, name, targets, counts, startedAt, finishedAt }) => {
    const done = sum(counts, DONE);
    const failed = sum(counts, FAILED);
    const state = finishedAt !== null ? 'done' : startedAt !== null && wave === rollout.wave && !isEnded(rollout.phase) ? 'current' : 'pending';
    const verdict = rollout.verdicts.find((one) => one.wave === wave);
    const gate = rollout.plan.waves[wave]?.gate ? (verdict?.decision ?? 'waiting') : 'none';
    const tone: Tone = failed > 0 ? 'error' : state === 'current' ? phaseTone(rollout.phase) : state === 'done' ? 'success' : 'neutral';
    return { wave, name, targets, done, failed, state, tone, gate };
  });
}

/** What a control is about to do decides how it looks and whether it asks first. */
export interface ControlView {
  readonly control: RolloutControl;
  readonly icon: string;
  readonly color: 'primary' | 'neutral' | 'error';
  /** Asks before it is done, with what it does. */
  readonly asks: boolean;
}

// Approvals have a card of their own, with what is agreed to beside the buttons.
const CONTROLS: readonly ControlView[] = [
  { control: 'resume', icon: 'i-lucide-play', color: 'primary', asks: false },
  { control: 'pause', icon: 'i-lucide-pause', color: 'neutral', asks: false },
  { control: 'retry', icon: 'i-lucide-rotate-cw', color: 'neutral', asks: false },
  { control: 'promote', icon: 'i-lucide-fast-forward', color: 'neutral', asks: true },
  { control: 'rollback', icon: 'i-lucide-undo-2', color: 'error', asks: true },
  { control: 'abort', icon: 'i-lucide-octagon-x', color: 'error', asks: true },
];

/** What may be done now by somebody with these rights, the usual first. */
export function controlsOf(allowed: readonly RolloutControl[], may: (action: 'use' | 'operate') => boolean): readonly ControlView[] {
  return CONTROLS.filter(({ control }) => allowed.includes(control) && may(control === 'promote' ? 'use' : 'operate'));
}
