import type { InstanceStatus, Phase } from '../../../../workflows/contracts/instance.ts';

/** Colour with meaning; the word beside it says the same. */
export type Tone = 'success' | 'info' | 'warning' | 'error' | 'neutral';

/** What the status badge shows: `labelKey` is a message key, `changing` asks for the slow pulse. */
export interface StatusView {
  readonly tone: Tone;
  readonly labelKey: string;
  readonly changing: boolean;
}

const PHASE_TONES: Readonly<Record<Phase, Tone>> = {
  Creating: 'info',
  Starting: 'info',
  Stopping: 'info',
  Updating: 'info',
  Destroying: 'info',
  Running: 'success',
  Stopped: 'neutral',
  Destroyed: 'neutral',
  Failed: 'error',
};

/** Phases in which something is under way; also what the "changing" filter of the list asks for. */
export const CHANGING_PHASES: readonly Phase[] = ['Creating', 'Starting', 'Stopping', 'Updating', 'Destroying'];

/** Badge of an instance. Running without being ready is degraded; a change that waits for its next attempt is held. */
export function statusView(status: Pick<InstanceStatus, 'phase' | 'ready' | 'operation'>): StatusView {
  const changing = CHANGING_PHASES.includes(status.phase);
  if (status.phase === 'Running' && !status.ready) return { tone: 'warning', labelKey: 'phase.NotReady', changing: true };
  if (changing && status.operation?.state === 'retrying') return { tone: 'warning', labelKey: `phase.${status.phase}`, changing: true };
  return { tone: PHASE_TONES[status.phase], labelKey: `phase.${status.phase}`, changing };
}
