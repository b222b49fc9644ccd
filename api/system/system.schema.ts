import { z } from 'zod';
import { contract } from '../http/contract.ts';

export const HealthStatus = { ok: 'ok', degraded: 'degraded', down: 'down' } as const;
export type HealthStatus = (typeof HealthStatus)[keyof typeof HealthStatus];

const healthStatus = z.enum(HealthStatus).meta({ id: 'HealthStatus' });

export const componentHealth = z
  .strictObject({
    name: z.string(),
    status: healthStatus,
    version: z.string().optional(),
    latencyMs: z.number().optional(),
    message: z.string().optional(),
    nextStep: z.string().optional(),
  })
  .meta({ id: 'ComponentHealth' });

export type ComponentHealth = z.infer<typeof componentHealth>;

export const systemHealth = z
  .strictObject({
    status: healthStatus,
    components: z.array(componentHealth),
    relay: z.strictObject({ pending: z.int(), oldestSeconds: z.number() }).meta({ description: 'Accepted work that is not delivered yet' }),
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

export const systemContracts = [getSystemHealth, getPreflight];
