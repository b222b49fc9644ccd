import type { FailureView } from '../../workflows/contracts/failures.ts';
import type { InstanceSpec, Phase } from '../../workflows/contracts/instance.ts';
import {
  allowedControls,
  type CheckVerdict,
  type RolloutChange,
  type RolloutPhase,
  type RolloutPlan,
  type RolloutReason,
  type RolloutSituation,
  type RolloutStage,
  type TargetState,
  type Verdict,
} from '../../workflows/contracts/rollout.ts';
import { deadlineOf, ruleAsked, subjectAsked } from '../../workflows/contracts/rollout-approval.ts';
import { applyChange, specDifferences } from '../../workflows/contracts/rollout-plan.ts';
import type { RolloutState } from '../../workflows/contracts/rollout-record.ts';
import type { RolloutSummary, RolloutView, TargetView } from './rollout.schema.ts';

/** Columns of a rollout with the name of its author and its targets by state. */
export interface RolloutRow {
  readonly id: string;
  readonly name: string;
  readonly change: RolloutChange;
  readonly selector: Record<string, unknown>;
  readonly plan: RolloutPlan;
  readonly targets: number;
  readonly phase: RolloutPhase;
  readonly reason: RolloutReason | null;
  readonly message: string | null;
  readonly wave: number;
  readonly stage: RolloutStage;
  readonly state: RolloutState | null;
  readonly created_at: Date;
  readonly created_by: string;
  readonly author: string | null;
  readonly updated_at: Date;
  readonly finished_at: Date | null;
  readonly counts: Partial<Record<TargetState, number>>;
}

/** What decides which controls are possible. */
export function situationOf({ phase, reason, stage, state }: Pick<RolloutRow, 'phase' | 'reason' | 'stage' | 'state'>): RolloutSituation {
  return { phase, reason, stage, touched: state?.touched ?? false };
}

export interface WaveRow {
  readonly wave: number;
  readonly targets: number;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly counts: Partial<Record<TargetState, number>>;
}

export interface ApprovalRow {
  readonly subject: string;
  readonly decision: 'approve' | 'reject';
  readonly user_id: string;
  readonly name: string | null;
  readonly comment: string | null;
  readonly created_at: Date;
}

export interface VerdictRow {
  readonly wave: number;
  readonly decision: Verdict['decision'];
  readonly checks: CheckVerdict[];
  readonly created_at: Date;
}

export interface TargetRow {
  readonly instance_id: string;
  readonly name: string;
  readonly phase: Phase;
  readonly spec: InstanceSpec;
  readonly wave: number;
  readonly position: number;
  readonly state: TargetState;
  readonly attempt: number;
  readonly spec_before: InstanceSpec | null;
  readonly operation_id: string | null;
  readonly config_hash_before: string | null;
  readonly config_hash_after: string | null;
  readonly error: FailureView | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

const iso = (at: Date | null) => at?.toISOString() ?? null;

export function presentSummary(row: RolloutRow): RolloutSummary {
  return {
    id: row.id,
    name: row.name,
    change: row.change as RolloutSummary['change'],
    phase: row.phase,
    reason: row.reason,
    message: row.message,
    wave: row.wave,
    waveCount: row.plan.waves.length,
    stage: row.stage,
    targets: row.targets,
    counts: row.counts as RolloutSummary['counts'],
    createdAt: row.created_at.toISOString(),
    createdBy: { id: row.created_by, name: row.author },
    updatedAt: row.updated_at.toISOString(),
    finishedAt: iso(row.finished_at),
    allowed: [...allowedControls(situationOf(row))],
  };
}

export function presentRollout(row: RolloutRow, waves: readonly WaveRow[], approvals: readonly ApprovalRow[], verdicts: readonly VerdictRow[]): RolloutView {
  return {
    ...presentSummary(row),
    selector: row.selector,
    plan: row.plan as RolloutView['plan'],
    waves: waves.map(({ wave, targets, counts, started_at, finished_at }) => ({
      wave,
      name: row.plan.waves[wave]?.name ?? '',
      targets,
      counts: counts as RolloutSummary['counts'],
      startedAt: iso(started_at),
      finishedAt: iso(finished_at),
    })),
    bakeUntil: row.phase === 'Progressing' && row.stage === 'bake' ? (row.state?.bakeUntil ?? null) : null,
    asked: presentQuestion(row),
    approvals: approvals.map(({ subject, decision, user_id, name, comment, created_at }) => ({
      subject,
      decision,
      by: { id: user_id, name },
      comment,
      at: created_at.toISOString(),
    })),
    verdicts: verdicts.map(({ wave, decision, checks, created_at }) => ({
      wave,
      decision,
      checks: checks as RolloutView['verdicts'][number]['checks'],
      at: created_at.toISOString(),
    })),
  };
}

function presentQuestion({ phase, plan, state }: RolloutRow): RolloutView['asked'] {
  if (phase !== 'AwaitingApproval' || !state?.askedAt) return null;
  const rule = ruleAsked(plan, state);
  if (!rule) return null;
  const { count, roles, onTimeout } = rule;
  const deadline = deadlineOf(rule, state.askedAt);
  return {
    subject: subjectAsked(state),
    needed: count,
    given: state.approvedBy.length,
    roles: [...roles],
    askedAt: state.askedAt,
    deadlineAt: deadline === null ? null : new Date(deadline).toISOString(),
    onTimeout,
  };
}

export function presentTarget(row: TargetRow, change: RolloutChange): TargetView {
  const differences = row.spec_before ? specDifferences(row.spec_before, row.spec) : specDifferences(row.spec, applyChange(row.spec, change));
  return {
    instanceId: row.instance_id,
    name: row.name,
    phase: row.phase,
    wave: row.wave,
    state: row.state,
    attempt: row.attempt,
    operationId: row.operation_id,
    configHashBefore: row.config_hash_before,
    configHashAfter: row.config_hash_after,
    error: row.error,
    startedAt: iso(row.started_at),
    finishedAt: iso(row.finished_at),
    differences: [...differences],
  };
}
