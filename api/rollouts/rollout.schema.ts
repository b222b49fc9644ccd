import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { RolloutControl, RolloutPhase, RolloutReason, RolloutStage, TargetState } from '../../workflows/contracts/rollout.ts';
import { failureView, idOf, listQuery, pageOf, timestamp } from '../http/common.schema.ts';
import { phase as instancePhase } from '../http/views.schema.ts';
import { planFields, rolloutChange, rolloutPlan, rolloutSelector } from './rollout-plan.schema.ts';

const person = z.strictObject({ id: z.string(), name: z.string().nullable().meta({ description: 'null for somebody who is gone' }) });
const rolloutPhase = z.enum(RolloutPhase).meta({ id: 'RolloutPhase' });
const targetState = z.enum(TargetState).meta({ id: 'RolloutTargetState' });
const counts = z.partialRecord(targetState, z.int()).meta({ id: 'RolloutCounts', description: 'Targets by state' });

const summary = {
  id: z.string(),
  name: z.string(),
  change: rolloutChange,
  phase: rolloutPhase,
  reason: z.enum(RolloutReason).nullable(),
  message: z.string().nullable(),
  wave: z.int().meta({ description: 'Number of the wave it is in, from 0; -1 before it has begun' }),
  waveCount: z.int(),
  stage: z.enum(RolloutStage),
  targets: z.int(),
  counts,
  createdAt: timestamp,
  createdBy: person,
  updatedAt: timestamp,
  finishedAt: timestamp.nullable(),
  allowed: z.array(z.enum(RolloutControl)).meta({ description: 'What may be done with it now, by whoever has the right' }),
} as const;

export const rolloutSummary = z.strictObject(summary).meta({ id: 'RolloutSummary' });
export type RolloutSummary = z.infer<typeof rolloutSummary>;

const checkVerdict = z.strictObject({
  check: z.looseObject({ kind: z.string() }),
  result: z.enum(['passed', 'failed', 'unknown']),
  message: z.string(),
  value: z.number().nullable(),
});
const verdict = z
  .strictObject({ wave: z.int(), decision: z.enum(['proceed', 'hold', 'fail']), checks: z.array(checkVerdict), at: timestamp })
  .meta({ id: 'RolloutVerdict', description: 'What a gate found, with the numbers that it found' });

const approval = z
  .strictObject({
    subject: z.string().meta({ description: '`start`, or the number of a wave' }),
    decision: z.enum(['approve', 'reject']),
    by: person,
    comment: z.string().nullable(),
    at: timestamp,
  })
  .meta({ id: 'RolloutApproval' });

const waveView = z
  .strictObject({
    wave: z.int(),
    name: z.string(),
    targets: z.int(),
    counts,
    startedAt: timestamp.nullable(),
    finishedAt: timestamp.nullable(),
  })
  .meta({ id: 'RolloutWave' });

const asked = z
  .strictObject({
    subject: z.string(),
    needed: z.int(),
    given: z.int(),
    roles: z.array(z.string()),
    askedAt: timestamp,
    deadlineAt: timestamp.nullable(),
    onTimeout: z.enum(['hold', 'abort', 'rollback']),
  })
  .meta({ id: 'RolloutQuestion', description: 'The approval that is waited for' });

export const rolloutView = z
  .strictObject({
    ...summary,
    selector: rolloutSelector,
    plan: rolloutPlan,
    waves: z.array(waveView),
    bakeUntil: timestamp.nullable().meta({ description: 'When the gate of the wave is looked at' }),
    asked: asked.nullable(),
    approvals: z.array(approval),
    verdicts: z.array(verdict).meta({ description: 'Newest first' }),
  })
  .meta({ id: 'Rollout' });
export type RolloutView = z.infer<typeof rolloutView>;

const difference = z
  .strictObject({ path: z.string().meta({ description: 'JSON pointer into the spec' }), before: z.unknown(), after: z.unknown() })
  .meta({ id: 'SpecDifference', description: 'null stands for nothing' });

export const targetView = z
  .strictObject({
    instanceId: z.string(),
    name: z.string(),
    phase: instancePhase,
    wave: z.int(),
    state: targetState,
    attempt: z.int(),
    operationId: z.string().nullable(),
    configHashBefore: z.string().nullable(),
    configHashAfter: z.string().nullable(),
    error: failureView.nullable(),
    startedAt: timestamp.nullable(),
    finishedAt: timestamp.nullable(),
    differences: z
      .array(difference)
      .meta({ description: 'From what it was before the rollout to what it is wanted to be now; before it is touched, what the change would do' }),
  })
  .meta({ id: 'RolloutTarget' });
export type TargetView = z.infer<typeof targetView>;

const body = {
  change: rolloutChange,
  selector: rolloutSelector.default({}),
  ...planFields,
} as const;

export const createRolloutBody = z.strictObject({ name: z.string().trim().min(1).max(80), ...body }).meta({ id: 'CreateRollout' });
export type CreateRolloutBody = z.infer<typeof createRolloutBody>;

export const previewRolloutBody = z.strictObject(body).meta({ id: 'PreviewRollout' });
export type PreviewRolloutBody = z.infer<typeof previewRolloutBody>;

export const rolloutPreview = z
  .strictObject({
    targets: z.int(),
    waves: z.array(
      z.strictObject({
        wave: z.int(),
        name: z.string(),
        targets: z.array(
          z.strictObject({
            instanceId: z.string(),
            name: z.string(),
            phase: instancePhase,
            deferred: z.boolean().meta({ description: 'It does not run: it has the change from its next start on, outside the gates' }),
            differences: z.array(difference),
            refusal: failureView.nullable().meta({ description: 'Why the rollout would not be accepted' }),
          }),
        ),
      }),
    ),
    unchanged: z.int().meta({ description: 'Instances that match and have nothing to change: they are no targets' }),
    conflicts: z.array(z.strictObject({ id: z.string(), name: z.string() })).meta({ description: 'Rollouts under way that change the same' }),
  })
  .meta({ id: 'RolloutPreview' });
export type RolloutPreview = z.infer<typeof rolloutPreview>;

export const controlBody = z
  .strictObject({ comment: z.string().trim().min(1).max(1000).optional().meta({ description: 'Kept with the decision' }) })
  .meta({ id: 'RolloutDecision' });
export type ControlBody = z.infer<typeof controlBody>;

export const rolloutParams = z.strictObject({ id: idOf(IdPrefix.rollout) });
export const listRolloutsQuery = z.strictObject({
  ...listQuery,
  phase: rolloutPhase.optional(),
  active: z.enum(['true', 'false']).optional().meta({ description: 'Only those that have not ended' }),
  instance: z.string().max(100).optional().meta({ description: 'Only those that have this instance among their targets' }),
  mine: z.enum(['true', 'false']).optional().meta({ description: 'Only those that wait for your approval' }),
});
export type ListRolloutsQuery = z.infer<typeof listRolloutsQuery>;
export const listTargetsQuery = z.strictObject({
  ...listQuery,
  wave: z.coerce.number().int().min(0).max(20).optional(),
  state: targetState.optional(),
});
export type ListTargetsQuery = z.infer<typeof listTargetsQuery>;
export const rolloutPage = pageOf('RolloutPage', rolloutSummary);
export const targetPage = pageOf('RolloutTargetPage', targetView);
