import { z } from 'zod';
import { LOG_LEVELS, LogPart } from '../../workflows/contracts/log-level.ts';
import { timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

export const HealthStatus = { ok: 'ok', degraded: 'degraded', down: 'down' } as const;
export type HealthStatus = (typeof HealthStatus)[keyof typeof HealthStatus];

const healthStatus = z.enum(HealthStatus).meta({ id: 'HealthStatus' });

export const healthFact = z
  .strictObject({
    name: z.string().meta({ description: 'What it is, e.g. `diskFree`' }),
    value: z.union([z.number(), z.string()]),
    unit: z.enum(['count', 'bytes', 'milliseconds', 'seconds', 'days', 'time', 'text']).meta({ description: '`time` is RFC 3339, UTC' }),
    of: z.string().optional().meta({ description: 'Which one, where there are several, e.g. the name of a task queue' }),
  })
  .meta({ id: 'HealthFact' });

export type HealthFact = z.infer<typeof healthFact>;

export const componentHealth = z
  .strictObject({
    name: z.string(),
    host: z.strictObject({ id: z.string(), name: z.string() }).optional().meta({ description: 'The host that a component `host` is' }),
    status: healthStatus,
    version: z.string().optional(),
    latencyMs: z.number().optional(),
    since: timestamp.optional().meta({ description: 'Since when it is as it is: up, or away' }),
    facts: z.array(healthFact),
    message: z.string().optional(),
    nextStep: z.string().optional(),
    command: z.string().optional().meta({ description: 'The command that mends it' }),
  })
  .meta({ id: 'ComponentHealth' });

export type ComponentHealth = z.infer<typeof componentHealth>;

const logPart = z.enum(LogPart).meta({ id: 'LogPart' });
const logLevel = z.enum(LOG_LEVELS).meta({ id: 'LogLevel' });

export const logLevelOrder = z.strictObject({ part: logPart, level: logLevel, until: timestamp }).meta({ id: 'LogLevelOrder' });

export const systemHealth = z
  .strictObject({
    status: healthStatus,
    components: z.array(componentHealth),
    relay: z.strictObject({ pending: z.int(), oldestSeconds: z.number() }).meta({ description: 'Accepted work that is not delivered yet' }),
    logLevels: z.array(logLevelOrder).meta({ description: 'Parts that log at another level than the configured one, and until when' }),
  })
  .meta({ id: 'SystemHealth' });

export const getSystemHealth = contract({
  id: 'getSystemHealth',
  method: 'get',
  path: '/system/health',
  tag: 'system',
  summary: 'How each part of the platform is',
  answers: { 200: { description: 'The health', schema: systemHealth } },
});

const DAY_SECONDS = 86_400;

export const putLogLevel = contract({
  id: 'putLogLevel',
  method: 'put',
  path: '/system/log-level',
  tag: 'system',
  summary: 'Make a part log more or less for a while',
  body: z
    .strictObject({
      part: logPart,
      level: z.union([logLevel, z.literal('default')]).meta({ description: '`default`: as configured, at once' }),
      forSeconds: z.int().min(1).max(DAY_SECONDS).default(600).meta({ description: 'After this it logs as configured again' }),
    })
    .meta({ id: 'PutLogLevel' }),
  answers: {
    200: {
      description: 'Every part that logs at another level than the configured one',
      schema: z.strictObject({ items: z.array(logLevelOrder) }).meta({ id: 'LogLevelList' }),
    },
  },
});

export const trace = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['request', 'operation', 'instance', 'host', 'provider', 'workflow']).meta({ description: 'What the id names' }),
    requestId: z.string().nullable().meta({ description: 'The request that it was accepted with' }),
    operationIds: z.array(z.string()).meta({ description: 'Operations that it names or that one request made, newest first, at most 100' }),
    instanceId: z.string().nullable(),
    workflow: z
      .strictObject({
        id: z.string(),
        runId: z.string().nullable().meta({ description: 'The run of now; null when the workflow engine does not know' }),
        url: z.string().nullable().meta({ description: 'Its page at the workflow engine, where the platform knows the address' }),
      })
      .nullable(),
  })
  .meta({ id: 'Trace' });

export const getTrace = contract({
  id: 'getTrace',
  method: 'get',
  path: '/system/trace',
  tag: 'system',
  summary: 'What an id of any kind belongs to: request, operation, instance, host, provider or workflow',
  query: z.strictObject({ id: z.string().trim().min(1).max(200) }),
  answers: { 200: { description: 'What hangs together', schema: trace } },
  failures: ['NOT_FOUND'],
});

export const getPreflight = contract({
  id: 'getPreflight',
  method: 'get',
  path: '/system/preflight',
  tag: 'system',
  summary: 'How many more claws the hosts take',
  answers: {
    200: {
      description: 'Capacity by host',
      schema: z
        .strictObject({ hosts: z.array(z.strictObject({ id: z.string(), name: z.string(), freeMemoryBytes: z.int(), clawsThatFit: z.int() })) })
        .meta({ id: 'Preflight' }),
    },
  },
});

export const getSupportBundle = contract({
  id: 'getSupportBundle',
  method: 'get',
  path: '/system/support-bundle',
  tag: 'system',
  summary: 'What a supporter needs, without secrets',
  description:
    'A tar.gz of text files; about.json says what is in it and what was left out. Nothing is sent anywhere. For owners and admins; every bundle is in the audit.',
  query: z.strictObject({
    names: z.enum(['true', 'false']).default('true').meta({ description: 'false: names of instances, hosts and providers are replaced by hashes' }),
  }),
  answers: {
    200: { description: 'The bundle', schema: z.unknown(), contentType: 'application/gzip', headers: { 'Content-Disposition': 'A name for the file' } },
  },
});

export const systemContracts = [getSystemHealth, putLogLevel, getTrace, getPreflight, getSupportBundle];
