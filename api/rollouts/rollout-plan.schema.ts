import { z } from 'zod';
import { IdPrefix, idPattern } from '../../workflows/contracts/ids.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { ApprovalTimeout, BudgetAction } from '../../workflows/contracts/rollout.ts';
import { DEFAULT_CHECKS, DEFAULT_WAVES } from '../../workflows/contracts/rollout-plan.ts';
import { Role } from '../http/account.schema.ts';
import { labelSelectorQuery } from '../http/common.schema.ts';

const SETTING_KEY = /^[A-Za-z0-9_-]{1,100}(\.[A-Za-z0-9_*/:@-]{1,100}){0,12}$/;
const settingKey = z.string().regex(SETTING_KEY, 'must be a dotted path such as model.name');
const instanceId = z.string().regex(new RegExp(idPattern(IdPrefix.instance)), `must be an id such as ${IdPrefix.instance}_01kah3…`);
const seconds = (most: number) => z.int().min(0).max(most);
const DAY = 86_400;

const override = z.strictObject({
  key: settingKey,
  value: z
    .unknown()
    .refine((value) => value !== undefined, 'is needed')
    .refine((value) => Buffer.byteLength(JSON.stringify(value) ?? '') <= Limits.overrideBytes, `must be at most ${Limits.overrideBytes} bytes of JSON`),
});

export const rolloutChange = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('config'), config: z.string().min(1).max(100), version: z.int().min(1) }),
    z
      .strictObject({
        kind: z.literal('overrides'),
        set: z.array(override).max(Limits.overridesMax).default([]),
        unset: z.array(settingKey).max(Limits.overridesMax).default([]),
      })
      .refine(({ set, unset }) => set.length + unset.length > 0, 'needs a setting to set or to unset'),
    z.strictObject({ kind: z.literal('version'), version: z.string().min(1).max(100) }),
    z.strictObject({ kind: z.literal('restart') }),
  ])
  .meta({ id: 'RolloutChange', description: 'The one change that is carried to every target' });

export const rolloutSelector = z
  .strictObject({
    ids: z.array(instanceId).min(1).max(Limits.bulkMax).optional(),
    projectId: z
      .string()
      .regex(new RegExp(idPattern(IdPrefix.project)))
      .optional(),
    type: z.string().min(1).max(100).optional(),
    version: z.string().min(1).max(100).optional(),
    labels: labelSelectorQuery,
  })
  .meta({ id: 'RolloutSelector', description: 'Everything that is named must match; looked up once, when the rollout is made' });

const waveSize = z
  .union([z.strictObject({ count: z.int().min(1).max(Limits.bulkMax) }), z.strictObject({ percent: z.int().min(1).max(100) })])
  .meta({ id: 'WaveSize', description: '`count`: so many more. `percent`: of all targets, counting the waves before' });

export const approvalRule = z
  .strictObject({
    count: z.int().min(1).max(10).default(1),
    roles: z
      .array(z.enum([Role.owner, Role.admin, Role.approver]))
      .min(1)
      .default([Role.owner, Role.admin, Role.approver]),
    deadlineSeconds: z
      .int()
      .min(1)
      .max(30 * DAY)
      .nullable()
      .default(null),
    onTimeout: z.enum(ApprovalTimeout).default(ApprovalTimeout.hold),
  })
  .meta({ id: 'ApprovalRule', description: 'Who must agree before it goes on; whoever made the rollout never counts' });

const minRequests = z.int().min(1).max(1_000_000);
const gateCheck = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('ready') }),
    z.strictObject({ kind: z.literal('restarts'), max: z.int().min(0).max(1000) }),
    z.strictObject({ kind: z.literal('modelErrorRate'), maxRatio: z.number().min(0).max(1), minRequests }),
    z.strictObject({ kind: z.literal('modelLatency'), p95Milliseconds: z.int().min(1), minRequests }),
    z.strictObject({ kind: z.literal('modelCost'), maxMicroUsd: z.int().min(0), minRequests }),
    z.strictObject({ kind: z.literal('http'), url: z.httpUrl().max(2000) }),
  ])
  .meta({ id: 'GateCheck' });

const gate = z
  .strictObject({
    bakeSeconds: seconds(7 * DAY).default(60),
    checks: z
      .array(gateCheck)
      .max(10)
      .default([...DEFAULT_CHECKS]),
  })
  .meta({ id: 'RolloutGate', description: 'What is looked at after a wave, and how long after it' });

const wave = z
  .strictObject({
    name: z.string().trim().min(1).max(60),
    size: waveSize,
    maxParallel: z.int().min(1).max(100).default(20),
    approval: approvalRule.nullable().default(null),
    gate: gate.nullable().default(null),
  })
  .meta({ id: 'RolloutWavePlan' });

const failureBudget = z
  .strictObject({
    size: z.union([z.strictObject({ count: z.int().min(0).max(Limits.bulkMax) }), z.strictObject({ percent: z.int().min(0).max(100) })]).default({ count: 0 }),
    action: z.enum(BudgetAction).default(BudgetAction.pause),
  })
  .meta({ id: 'FailureBudget', description: 'How many may fail, and what is done when more do or when a gate fails' });

/** What a plan is made of, as people write it. */
export const planFields = {
  approvalBeforeStart: approvalRule.nullable().default(null),
  waves: z
    .array(wave)
    .min(1)
    .max(20)
    .default(structuredClone(DEFAULT_WAVES) as z.infer<typeof wave>[])
    .meta({ description: 'Without them: one instance, a tenth, a half, all' }),
  failureBudget: failureBudget.default({ size: { count: 0 }, action: BudgetAction.pause }),
  readyWithinSeconds: z.int().min(5).max(3600).default(180),
} as const;

export const rolloutPlan = z
  .strictObject({
    approvalBeforeStart: approvalRule.nullable(),
    waves: z.array(wave),
    failureBudget,
    readyWithinSeconds: z.int(),
  })
  .meta({ id: 'RolloutPlan' });
