import type pg from 'pg';
import type { ConfigLevel } from '../../workflows/contracts/config.ts';
import { Failure, isFailure } from '../../workflows/contracts/failures.ts';
import { type InstanceSpec, Phase } from '../../workflows/contracts/instance.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { ENDED_PHASES, type RolloutChange, type RolloutPlan, type WavePlan } from '../../workflows/contracts/rollout.ts';
import { applyChange, changedPaths, specDifferences, waveSizes } from '../../workflows/contracts/rollout-plan.ts';
import { parseLabelSelector, selectLabels } from '../http/label-selector.ts';
import type { Actor } from '../http/request-context.ts';
import { Conditions } from '../http/sql.ts';
import type { Candidate, RolloutPorts } from './ports.ts';
import type { CreateRolloutBody, PreviewRolloutBody, RolloutPreview } from './rollout.schema.ts';

/** An instance that a rollout would change. */
export interface PlannedTarget extends Candidate {
  readonly wave: number;
  readonly after: InstanceSpec;
  /** Why its change would not be accepted. */
  readonly refusal: Failure | null;
}

export interface PlannedRollout {
  readonly plan: RolloutPlan;
  readonly targets: readonly PlannedTarget[];
  readonly unchanged: number;
  readonly conflicts: readonly { readonly id: string; readonly name: string }[];
}

/** Phases in which a claw runs, or is on its way to. Others have the change from their next start on. */
const RUNS: readonly Phase[] = [Phase.running, Phase.starting, Phase.updating, Phase.creating];

export function runs({ phase }: Pick<Candidate, 'phase'>): boolean {
  return RUNS.includes(phase);
}

/** Who would be changed in which wave. Throws FORBIDDEN, and VALIDATION_FAILED when that is nobody, or when the waves leave somebody out. */
export async function planRollout(
  sql: pg.ClientBase,
  ports: RolloutPorts,
  actor: Actor,
  body: PreviewRolloutBody | CreateRolloutBody,
): Promise<PlannedRollout> {
  const { change } = body;
  if (change.kind === 'config') await assertMovable(sql, ports, actor, change);
  const candidates = await findCandidates(sql, body.selector);
  const changing = candidates.filter((candidate) => isTarget(candidate, change));
  if (changing.length === 0) throw invalid('/selector', 'matches no instance that this would change', 'Choose other instances, or another change.');
  const { waves, waveOf } = cut(body.waves, changing.length);
  const targets: PlannedTarget[] = [];
  for (const [position, candidate] of changing.entries()) {
    const after = applyChange(candidate.spec, change);
    targets.push({ ...candidate, wave: waveOf(position), after, refusal: await refusalOf(sql, ports, candidate, after, change.kind) });
  }
  const { approvalBeforeStart, failureBudget, readyWithinSeconds } = body;
  const conflicts = await conflictsWith(
    sql,
    changedPaths(change),
    targets.map(({ id }) => id),
    null,
  );
  return { plan: { approvalBeforeStart, waves, failureBudget, readyWithinSeconds }, targets, unchanged: candidates.length - changing.length, conflicts };
}

function isTarget(candidate: Candidate, change: RolloutChange): boolean {
  return change.kind === 'restart' ? runs(candidate) : applyChange(candidate.spec, change) !== candidate.spec;
}

/** An older version of what holds for everybody may lack locks and settings that a newer one has: going back to it is for those who decide about it. */
async function assertMovable(sql: pg.ClientBase, ports: RolloutPorts, actor: Actor, { config, version }: RolloutChange & { kind: 'config' }): Promise<void> {
  const { rows } = await sql.query<{ level: ConfigLevel; current: number | null }>(
    `SELECT c.level, c.current FROM config_version v JOIN config c ON c.id = v.config_id WHERE v.config_id = $1 AND v.version = $2 AND v.state = 'published'`,
    [config, version],
  );
  const [found] = rows;
  if (found && found.level !== 'template' && found.current !== null && version < found.current) ports.authorizeConfig(actor, found.level);
  if (!found) throw invalid('/change/version', 'is no published version of that config', 'Publish it first.');
}

/** Those that run come first, so that a canary is one that can sing. */
async function findCandidates(sql: pg.ClientBase, { ids, projectId, type, version, labels }: PreviewRolloutBody['selector']): Promise<readonly Candidate[]> {
  const conditions = new Conditions();
  conditions.add('i.destroyed_at IS NULL');
  if (ids) conditions.add(`i.id = ANY(${conditions.value(ids)})`);
  conditions.equals('i.project_id', projectId);
  conditions.equals('i.type', type);
  conditions.equals('i.version', version);
  selectLabels(conditions, 'i.id', parseLabelSelector(labels));
  const running = conditions.value(RUNS);
  const { rows } = await sql.query<Candidate>(
    `SELECT i.id, i.name, i.project_id AS "projectId", i.type, i.phase, i.spec FROM instance i ${conditions.where}
     ORDER BY (i.phase = ANY(${running})) DESC, i.name, i.id LIMIT ${conditions.value(Limits.bulkMax + 1)}`,
    conditions.values,
  );
  if (rows.length > Limits.bulkMax) throw invalid('/selector', `matches more than ${Limits.bulkMax} instances`, 'Narrow the selector.');
  return rows;
}

/** The waves that have somebody in them, and which of them the target at a position is in. */
function cut(wanted: readonly WavePlan[], total: number): { readonly waves: readonly WavePlan[]; readonly waveOf: (position: number) => number } {
  const sizes = waveSizes(wanted, total);
  const covered = sizes.reduce((sum, size) => sum + size, 0);
  if (covered < total) throw invalid('/waves', `take only ${covered} of ${total} targets`, 'Let the last wave be 100 percent.');
  const kept = wanted.flatMap((wave, index) => ((sizes[index] ?? 0) > 0 ? [{ wave, size: sizes[index] ?? 0 }] : []));
  const places = kept.flatMap(({ size }, index) => Array.from({ length: size }, () => index));
  return { waves: kept.map(({ wave }) => wave), waveOf: (position) => places[position] ?? 0 };
}

async function refusalOf(
  sql: pg.ClientBase,
  ports: RolloutPorts,
  candidate: Candidate,
  after: InstanceSpec,
  change: RolloutChange['kind'],
): Promise<Failure | null> {
  try {
    await ports.judge(sql, candidate, after, change === 'restart' ? 'restart' : 'update');
    return null;
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
}

/** Rollouts under way, oldest first, that change one of these paths of one of these instances. */
export async function conflictsWith(
  sql: pg.ClientBase,
  paths: readonly string[],
  instanceIds: readonly string[],
  except: string | null,
): Promise<PlannedRollout['conflicts']> {
  const { rows } = await sql.query<{ id: string; name: string }>(
    `SELECT r.id, r.name FROM rollout r WHERE r.phase <> ALL($1) AND r.paths && $2 AND r.id IS DISTINCT FROM $4
       AND EXISTS (SELECT 1 FROM rollout_target t WHERE t.rollout_id = r.id AND t.instance_id = ANY($3)) ORDER BY r.id`,
    [ENDED_PHASES, paths, instanceIds, except],
  );
  return rows;
}

function invalid(path: string, message: string, nextStep: string): Failure {
  return new Failure('VALIDATION_FAILED', `The ${path.slice(1)} ${message}.`, { errors: [{ path, message }], nextStep });
}

/** The answer of a preview. */
export function presentPreview({ plan, targets, unchanged, conflicts }: PlannedRollout): RolloutPreview {
  const waves = plan.waves.map(({ name }, wave) => ({
    wave,
    name,
    targets: targets
      .filter((target) => target.wave === wave)
      .map((target) => ({
        instanceId: target.id,
        name: target.name,
        phase: target.phase,
        deferred: !runs(target),
        differences: [...specDifferences(target.spec, target.after)],
        refusal: target.refusal && { code: target.refusal.code, message: target.refusal.message, nextStep: target.refusal.nextStep },
      })),
  }));
  return { targets: targets.length, waves, unchanged, conflicts: [...conflicts] };
}
