import { z } from 'zod';
import type { ConfigPin } from '../../workflows/contracts/config.ts';
import { type Condition, ConditionType, type InstanceSpec, type InstanceView, Phase } from '../../workflows/contracts/instance.ts';
import { OperationControl, OperationKind, OperationState, type OperationStep, type OperationView, StepName } from '../../workflows/contracts/operation.ts';
import { failureView, pageOf, resources, timestamp } from './common.schema.ts';

export const phase = z.enum(Phase).meta({ id: 'Phase' });
export const operationKind = z.enum(OperationKind).meta({ id: 'OperationKind' });
export const operationState = z.enum(OperationState).meta({ id: 'OperationState' });

const operationStep = z
  .strictObject({
    name: z.enum(StepName),
    state: z.enum([...Object.values(OperationState), 'skipped']),
    attempt: z.int(),
    maxAttempts: z.int(),
    nextAttemptAt: timestamp.nullable(),
    startedAt: timestamp.nullable(),
    finishedAt: timestamp.nullable(),
    error: failureView.nullable(),
  })
  .meta({ id: 'OperationStep' }) satisfies z.ZodType<OperationStep>;

export const operationView = z
  .strictObject({
    id: z.string(),
    seq: z.int(),
    kind: operationKind,
    target: z.strictObject({ kind: z.literal('instance'), id: z.string(), name: z.string() }),
    state: operationState,
    requestedBy: z.string(),
    requestId: z.string().nullable(),
    createdAt: timestamp,
    startedAt: timestamp.nullable(),
    finishedAt: timestamp.nullable(),
    steps: z.array(operationStep),
    error: failureView.nullable(),
    allowed: z.array(z.enum(OperationControl)),
  })
  .meta({ id: 'Operation' }) satisfies z.ZodType<OperationView>;

export const operationPage = pageOf('OperationPage', operationView);

export const configOverride = z
  .strictObject({ key: z.string(), value: z.unknown() })
  .meta({ id: 'ConfigOverride', description: '`key` is a dotted path of the unified config such as `model.name`' });

export const configPin = z
  .strictObject({ config: z.string(), version: z.int() })
  .meta({ id: 'ConfigPin', description: 'One version of a config' }) satisfies z.ZodType<ConfigPin>;

const condition = z
  .strictObject({
    type: z.enum(ConditionType),
    status: z.enum(['True', 'False', 'Unknown']),
    reason: z.string(),
    message: z.string(),
    lastTransitionTime: timestamp,
  })
  .meta({ id: 'Condition' }) satisfies z.ZodType<Condition>;

export const instanceSpec = z
  .strictObject({
    type: z.string(),
    version: z.string(),
    replicas: z.int(),
    placement: z.strictObject({ driver: z.literal('host'), hostId: z.string() }),
    resources,
    config: z.strictObject({
      overrides: z.array(configOverride),
      layers: z.array(configPin).optional().meta({ description: 'Versions of configs that it runs on' }),
      variables: z.record(z.string(), z.unknown()).optional().meta({ description: 'Values of what those configs leave open' }),
    }),
  })
  .meta({ id: 'InstanceSpec' }) satisfies z.ZodType<InstanceSpec>;

const instanceStatus = z
  .strictObject({
    phase,
    ready: z.boolean(),
    readyReplicas: z.int(),
    observedGeneration: z.int(),
    restarts: z.int(),
    lastTransitionTime: timestamp,
    reason: z.string().nullable(),
    message: z.string().nullable(),
    conditions: z.array(condition),
    revision: z.strictObject({ configHash: z.string().nullable(), version: z.string().nullable(), skills: z.array(z.string()), plugins: z.array(z.string()) }),
    operation: z.strictObject({ id: z.string(), kind: operationKind, state: z.string() }).nullable(),
    endpoints: z.strictObject({
      chat: z.string().nullable().meta({ description: 'Path of the API' }),
      page: z.string().nullable().meta({ description: "Path of the portal that opens the claw's own web page" }),
    }),
  })
  .meta({ id: 'InstanceStatus' });

/** Orders of the instance list. */
export const instanceSort = z.enum(['createdAt', '-createdAt', 'name', '-name', 'phase', '-phase']);

export const instanceView = z
  .strictObject({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    tenantId: z.string(),
    projectId: z.string(),
    ownerId: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    generation: z.int(),
    createdAt: timestamp,
    createdBy: z.string(),
    updatedAt: timestamp,
    lastUpdatedBy: z.string(),
    spec: instanceSpec,
    status: instanceStatus,
  })
  .meta({ id: 'Instance' }) satisfies z.ZodType<InstanceView>;

/** Answer of every request that takes time. */
export const accepted = z
  .strictObject({ operation: operationView, instance: instanceView.optional() })
  .meta({ id: 'Accepted', description: 'The accepted operation; follow it at `Location`.' });
