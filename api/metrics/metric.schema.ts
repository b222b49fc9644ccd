import { z } from 'zod';
import { HostState } from '../../workflows/contracts/host.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { Phase } from '../../workflows/contracts/instance.ts';
import { idOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const tag = 'metrics';
const POINTS_MAX = 1000;

const measured = z.number().nullable();

const used = {
  requests: z.int(),
  errors: z.int(),
  promptTokens: z.int(),
  completionTokens: z.int(),
  costMicroUsd: z.int(),
  activeSeconds: z.number().meta({ description: 'Time in which at least one model request of the claw was under way' }),
} as const;

const instancePoint = z
  .strictObject({
    at: timestamp,
    cpuMillicores: measured,
    cpuMillicoresMax: measured,
    memoryBytes: measured,
    memoryBytesMax: measured,
    processes: z.int().nullable(),
    diskBytes: z.int().nullable(),
    restarts: z.int().nullable(),
    ...used,
  })
  .meta({ id: 'InstanceMetricPoint', description: 'One step, beginning at `at`. Null = nothing was measured: the claw did not run, or its host was away' });

const hostPoint = z
  .strictObject({
    at: timestamp,
    cpuMillicores: measured,
    cpuMillicoresMax: measured,
    memoryBytes: measured,
    memoryBytesMax: measured,
    diskUsedBytes: z.int().nullable(),
    load1: measured,
  })
  .meta({ id: 'HostMetricPoint' });

const window = { from: timestamp, to: timestamp, stepSeconds: z.int() } as const;

export const instanceMetrics = z
  .strictObject({
    ...window,
    limits: z.strictObject({ cpuMillicores: z.int(), memoryBytes: z.int(), storageBytes: z.int() }),
    totals: z.strictObject({ restarts: z.int(), ...used }),
    points: z.array(instancePoint),
  })
  .meta({ id: 'InstanceMetrics' });

export const hostMetrics = z
  .strictObject({
    ...window,
    capacity: z
      .strictObject({ cpuMillicores: z.int(), memoryBytes: z.int(), diskBytes: z.int().nullable() })
      .nullable()
      .meta({ description: 'Null while the host never said what it is' }),
    points: z.array(hostPoint),
  })
  .meta({ id: 'HostMetrics' });

const topInstance = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    phase: z.enum(Phase),
    hostId: z.string(),
    at: timestamp.nullable().meta({ description: 'When it was measured; null = not now' }),
    cpuMillicores: measured,
    cpuLimitMillicores: z.int(),
    memoryBytes: measured,
    memoryLimitBytes: z.int(),
    processes: z.int().nullable(),
    restarts: z.int(),
    ...used,
  })
  .meta({ id: 'TopInstance', description: 'Use now, and model use of the last hour' });

export const topInstances = z
  .strictObject({
    items: z.array(topInstance),
    totals: z.strictObject({ instances: z.int(), measured: z.int(), cpuMillicores: z.number(), memoryBytes: z.number(), ...used }),
  })
  .meta({ id: 'TopInstances', description: 'Totals are of every instance of the tenant, or of those that were named' });

export const topHosts = z
  .strictObject({
    items: z.array(
      z
        .strictObject({
          id: z.string(),
          name: z.string(),
          state: z.enum(HostState),
          at: timestamp.nullable(),
          cpuMillicores: measured,
          cpuCapacityMillicores: z.int().nullable(),
          memoryBytes: measured,
          memoryCapacityBytes: z.int().nullable(),
          diskUsedBytes: z.int().nullable(),
          diskTotalBytes: z.int().nullable(),
          load1: measured,
          instances: z.int(),
        })
        .meta({ id: 'TopHost' }),
    ),
  })
  .meta({ id: 'TopHosts' });

const windowQuery = z
  .strictObject({
    from: timestamp.optional().meta({ description: 'An hour before `to`' }),
    to: timestamp.optional().meta({ description: 'Now' }),
    step: z.coerce
      .number()
      .int()
      .min(10)
      .max(7 * 86_400)
      .optional()
      .meta({ description: `Seconds of one point; made longer where nothing finer is kept, or to answer at most ${POINTS_MAX} points` }),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), { path: ['from'], message: 'must be before to' });

/** Orders of `top`: the greatest first, names from a to z. */
export const TOP_SORTS = ['cpu', 'memory', 'requests', 'tokens', 'cost', 'errors', 'restarts', 'name'] as const;

export const getInstanceMetrics = contract({
  id: 'getInstanceMetrics',
  method: 'get',
  path: '/instances/{id}/metrics',
  tag,
  summary: 'What one instance used over time',
  params: z.strictObject({ id: idOf(IdPrefix.instance) }),
  query: windowQuery,
  answers: { 200: { description: 'Points, oldest first, without holes', schema: instanceMetrics } },
  failures: ['NOT_FOUND'],
});

export const getHostMetrics = contract({
  id: 'getHostMetrics',
  method: 'get',
  path: '/hosts/{id}/metrics',
  tag,
  summary: 'What one host used over time',
  params: z.strictObject({ id: idOf(IdPrefix.host) }),
  query: windowQuery,
  answers: { 200: { description: 'Points, oldest first, without holes', schema: hostMetrics } },
  failures: ['NOT_FOUND'],
});

export const getTopInstances = contract({
  id: 'getTopInstances',
  method: 'get',
  path: '/metrics/top',
  tag,
  summary: 'The busiest instances',
  query: z.strictObject({
    sort: z.enum(TOP_SORTS).default('cpu'),
    limit: z.coerce.number().int().min(1).max(POINTS_MAX).default(50),
    names: z.string().max(4000).optional().meta({ description: 'Only these, by name or id, separated by commas' }),
  }),
  answers: { 200: { description: 'Instances in order, and totals', schema: topInstances } },
});

export const getTopHosts = contract({
  id: 'getTopHosts',
  method: 'get',
  path: '/metrics/top/hosts',
  tag,
  summary: 'Use of every host now',
  answers: { 200: { description: 'Hosts by CPU, the greatest first', schema: topHosts } },
});

export const metricContracts = [getTopInstances, getTopHosts, getInstanceMetrics, getHostMetrics];
