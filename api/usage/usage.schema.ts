import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { idOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const usageRecord = z
  .strictObject({
    at: timestamp,
    provider: z.string(),
    model: z.string(),
    status: z.int(),
    streamed: z.boolean(),
    promptTokens: z.int(),
    completionTokens: z.int(),
    costMicroUsd: z.int(),
    latencyMs: z.int(),
    firstByteMs: z.int().nullable(),
    errorCode: z.string().nullable(),
  })
  .meta({ id: 'UsageRecord' });

const totals = { requests: z.int(), promptTokens: z.int(), completionTokens: z.int(), costMicroUsd: z.int(), errors: z.int() } as const;

export const instanceUsage = z
  .strictObject({ ...totals, recent: z.array(usageRecord) })
  .meta({ id: 'InstanceUsage', description: 'Sums of the last 24 hours and the newest requests; money in micro-dollars' });

export const overview = z
  .strictObject({
    instances: z.strictObject({ byPhase: z.record(z.string(), z.int()) }),
    operations: z.strictObject({ running: z.int(), retrying: z.int() }),
    usage24h: z.strictObject({
      ...totals,
      hourly: z.array(z.strictObject({ at: timestamp, requests: z.int(), errors: z.int(), costMicroUsd: z.int() })),
    }),
  })
  .meta({ id: 'Overview' });

export const getOverview = contract({
  id: 'getOverview',
  method: 'get',
  path: '/metrics/overview',
  tag: 'metrics',
  summary: 'The fleet at a glance',
  answers: { 200: { description: 'Counts and the last 24 hours', schema: overview } },
});

export const getInstanceUsage = contract({
  id: 'getInstanceUsage',
  method: 'get',
  path: '/instances/{id}/usage',
  tag: 'metrics',
  summary: 'Model usage of one instance',
  params: z.strictObject({ id: idOf(IdPrefix.instance) }),
  answers: { 200: { description: 'The usage', schema: instanceUsage } },
  failures: ['NOT_FOUND'],
});

export const usageContracts = [getOverview, getInstanceUsage];
