import type { Rollout, RolloutVerdict } from '../../api/rollouts.ts';
import type { Tone } from '../instances/status-view.ts';

/** One thing that happened; `wave` is the name of the wave it is about, `who` null where nobody did it. */
export interface TimelineEntry {
  readonly at: string;
  readonly kind: 'created' | 'approved' | 'rejected' | 'waveStarted' | 'waveFinished' | 'gatePassed' | 'gateHeld' | 'gateFailed' | 'ended';
  readonly tone: Tone;
  readonly who: Rollout['createdBy'] | null;
  readonly wave: string | null;
  readonly comment: string | null;
}

const GATES: Readonly<Record<RolloutVerdict['decision'], Pick<TimelineEntry, 'kind' | 'tone'>>> = {
  proceed: { kind: 'gatePassed', tone: 'success' },
  hold: { kind: 'gateHeld', tone: 'warning' },
  fail: { kind: 'gateFailed', tone: 'error' },
};
const NOTHING = { who: null, wave: null, comment: null } as const;

/** What became of a rollout, newest first. A gate that says the same again and again says so once, when it first did. */
export function timelineOf(rollout: Rollout): readonly TimelineEntry[] {
  const nameOf = (wave: number): string => rollout.waves.find((one) => one.wave === wave)?.name ?? String(wave + 1);
  const entries: TimelineEntry[] = [{ ...NOTHING, at: rollout.createdAt, kind: 'created', tone: 'neutral', who: rollout.createdBy }];
  for (const { decision, by, subject, comment, at } of rollout.approvals) {
    const wave = subject === 'start' ? null : nameOf(Number(subject));
    entries.push({ at, kind: decision === 'approve' ? 'approved' : 'rejected', tone: decision === 'approve' ? 'success' : 'error', who: by, wave, comment });
  }
  for (const { wave, startedAt, finishedAt } of rollout.waves) {
    if (startedAt) entries.push({ ...NOTHING, at: startedAt, kind: 'waveStarted', tone: 'info', wave: nameOf(wave) });
    if (finishedAt) entries.push({ ...NOTHING, at: finishedAt, kind: 'waveFinished', tone: 'success', wave: nameOf(wave) });
  }
  for (const { wave, decision, at } of turns(rollout.verdicts)) entries.push({ ...NOTHING, ...GATES[decision], at, wave: nameOf(wave) });
  if (rollout.finishedAt) entries.push({ ...NOTHING, at: rollout.finishedAt, kind: 'ended', tone: 'neutral' });
  return entries.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

/** Verdicts, given newest first, that differ from the one before them in the same wave. */
function turns(newestFirst: readonly RolloutVerdict[]): readonly RolloutVerdict[] {
  return newestFirst.filter(({ wave, decision }, index) => newestFirst.slice(index + 1).find((older) => older.wave === wave)?.decision !== decision);
}
