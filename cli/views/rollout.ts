import type { components } from '../../frontend/src/api/schema.d.ts';
import type { View } from '../lib/output.ts';
import { age, oneLine, table } from '../lib/text.ts';

type Schemas = components['schemas'];
type Summary = Schemas['RolloutSummary'];

/** `Paused (GATE_HELD)`. */
function phaseOf({ phase, reason }: Pick<Summary, 'phase' | 'reason'>): string {
  return reason ? `${phase} (${reason})` : phase;
}

/** `applied 3, failed 1 of 40`. */
function progress({ counts, targets }: Pick<Summary, 'counts' | 'targets'>): string {
  const said = Object.entries(counts).filter(([state]) => state !== 'pending');
  return `${said.map(([state, count]) => `${state} ${count}`).join(', ') || 'nothing done'} of ${targets}`;
}

/** One line about where it stands. */
export function standing(rollout: Summary): string {
  const wave = rollout.wave < 0 ? '' : ` wave ${rollout.wave + 1}/${rollout.waveCount} ${rollout.stage}:`;
  return `${phaseOf(rollout)}${wave} ${progress(rollout)}${rollout.message ? ` - ${oneLine(rollout.message)}` : ''}`;
}

/** Rollouts in a list. */
export const ROLLOUTS: View<Summary> = {
  columns: [
    { title: 'NAME', cell: (row) => oneLine(row.name) },
    { title: 'CHANGE', cell: (row) => row.change.kind },
    { title: 'PHASE', cell: phaseOf },
    { title: 'WAVE', cell: (row) => `${Math.max(0, row.wave + 1)}/${row.waveCount}` },
    { title: 'PROGRESS', cell: progress },
    { title: 'BY', cell: (row) => oneLine(row.createdBy.name ?? row.createdBy.id) },
    { title: 'AGE', clock: true, cell: (row, { now }) => age(row.createdAt, now) },
    { title: 'ID', wide: true, cell: (row) => row.id },
  ],
  name: (row) => row.id,
  empty: 'No rollouts.',
};

/** Targets in a list. */
export const TARGETS: View<Schemas['RolloutTarget']> = {
  columns: [
    { title: 'WAVE', cell: (row) => String(row.wave + 1) },
    { title: 'INSTANCE', cell: (row) => oneLine(row.name) },
    { title: 'PHASE', cell: (row) => row.phase },
    { title: 'STATE', cell: (row) => row.state },
    { title: 'ERROR', cell: (row) => (row.error ? oneLine(row.error.message) : '-') },
    { title: 'OPERATION', wide: true, cell: (row) => row.operationId ?? '-' },
  ],
  name: (row) => row.instanceId,
  empty: 'No targets.',
};

/** Everything about one rollout. */
export function describeRollout(rollout: Schemas['Rollout']): string {
  const waves = rollout.waves.map((wave) => [String(wave.wave + 1), oneLine(wave.name), progress(wave)]);
  const verdicts = rollout.verdicts.flatMap(({ wave, decision, checks }) =>
    checks.map((check) => `  wave ${wave + 1} ${decision}: ${check.check.kind} ${check.result}: ${oneLine(check.message)}`),
  );
  const approvals = rollout.approvals.map(
    ({ subject, decision, by, comment }) =>
      `  ${subject === 'start' ? 'start' : `wave ${Number(subject) + 1}`}: ${decision} by ${oneLine(by.name ?? by.id)}${comment ? `: ${oneLine(comment)}` : ''}`,
  );
  const { asked } = rollout;
  return [
    `${oneLine(rollout.name)} (${rollout.id})`,
    standing(rollout),
    ...(asked ? [`Waits for approval: ${asked.given} of ${asked.needed} given${asked.deadlineAt ? `, until ${asked.deadlineAt}` : ''}`] : []),
    '',
    table(['WAVE', 'NAME', 'PROGRESS'], waves).trimEnd(),
    ...(verdicts.length > 0 ? ['', 'Verdicts:', ...verdicts] : []),
    ...(approvals.length > 0 ? ['', 'Decisions:', ...approvals] : []),
    ...(rollout.allowed.length > 0 ? ['', `Possible now: ${rollout.allowed.join(', ')}`] : []),
    '',
  ].join('\n');
}

/** Who would be changed in which wave. */
export function describePreview({ waves, unchanged, conflicts }: Schemas['RolloutPreview']): string {
  const rows = waves.flatMap((wave) =>
    wave.targets.map((target) => [
      String(wave.wave + 1),
      oneLine(target.name),
      target.refusal ? `refused: ${oneLine(target.refusal.message)}` : target.deferred ? 'from its next start on' : 'now',
      target.differences.map(({ path, before, after }) => oneLine(`${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`)).join('; ') || '-',
    ]),
  );
  const conflict = conflicts.map(({ name, id }) => `In conflict with the rollout ${oneLine(name)} (${id}).`);
  return [table(['WAVE', 'INSTANCE', 'WHEN', 'DIFFERENCE'], rows).trimEnd(), ...conflict, `${unchanged} more have nothing to change.`, ''].join('\n');
}
