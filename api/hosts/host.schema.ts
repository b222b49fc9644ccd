import { z } from 'zod';
import { HostState, type HostView } from '../../workflows/contracts/host.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { idOf, listQuery, pageOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

export const hostView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    state: z.enum(HostState),
    info: z
      .object({
        hostname: z.string(),
        platform: z.string(),
        arch: z.string(),
        cpus: z.int(),
        memoryBytes: z.int(),
        diskFreeBytes: z.int(),
        bridgeVersion: z.string(),
        nodeVersion: z.string(),
        isolation: z.enum(['uid', 'none']),
        limits: z.object({ memory: z.boolean(), cpu: z.boolean(), reason: z.string().nullable() }),
        ports: z.object({ base: z.int(), perSlot: z.int(), slots: z.int() }),
      })
      .nullable(),
    instances: z.int(),
    reserved: z.strictObject({ cpu: z.string(), memory: z.string() }),
    unknownClaws: z
      .array(z.strictObject({ instanceId: z.string(), slug: z.string() }))
      .meta({ description: 'Claws that run there and that the platform has never heard of, e.g. made after the backup it was restored from' }),
    lastSeenAt: timestamp.nullable(),
    createdAt: timestamp,
  })
  .meta({ id: 'Host' }) satisfies z.ZodType<HostView>;

export const listHosts = contract({
  id: 'listHosts',
  method: 'get',
  path: '/hosts',
  tag: 'hosts',
  summary: 'Machines that claws run on',
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of hosts', schema: pageOf('HostPage', hostView) } },
});

export const getHost = contract({
  id: 'getHost',
  method: 'get',
  path: '/hosts/{id}',
  tag: 'hosts',
  summary: 'One host',
  params: z.strictObject({ id: idOf(IdPrefix.host) }),
  answers: { 200: { description: 'The host', schema: hostView } },
  failures: ['NOT_FOUND'],
});

export const endUnknownClaw = contract({
  id: 'endUnknownClaw',
  method: 'delete',
  path: '/hosts/{id}/unknown-claws/{instanceId}',
  tag: 'hosts',
  summary: 'End a claw that the platform does not know',
  description: 'Its processes end; its data folder stays on the host.',
  params: z.strictObject({ id: idOf(IdPrefix.host), instanceId: idOf(IdPrefix.instance) }),
  answers: { 204: { description: 'The bridge has been told' } },
  failures: ['NOT_FOUND', 'HOST_OFFLINE'],
});

export const hostContracts = [listHosts, getHost, endUnknownClaw];
