import { z } from 'zod';
import type { BridgeClaw, BridgeToApi } from '../../workflows/contracts/bridge-protocol.ts';
import type { HostInfo } from '../../workflows/contracts/host.ts';
import { metricTicks } from './metric-intake.ts';

const text = z.string().max(10_000);
const PORT_MAX = 65_535;

const hostInfo: z.ZodType<HostInfo> = z.object({
  hostname: text,
  platform: text,
  arch: text,
  cpus: z.int().positive(),
  memoryBytes: z.int().nonnegative(),
  diskFreeBytes: z.number().nonnegative(),
  bridgeVersion: text,
  nodeVersion: text,
  isolation: z.enum(['uid', 'none']),
  limits: z.object({ memory: z.boolean(), cpu: z.boolean(), reason: text.nullable() }),
  ports: z.object({ base: z.int().positive().max(PORT_MAX), perSlot: z.int().positive().max(PORT_MAX), slots: z.int().positive().max(PORT_MAX) }),
});

const claw: z.ZodType<BridgeClaw> = z.object({
  instanceId: z.string().max(64),
  tenantId: z.string().max(64),
  slug: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  slot: z.int().nonnegative(),
});

const streamId = z.string().max(64);

/** What each event of a bridge carries, and whether it wants an acknowledgement. Facts are looked at one by one when they are kept. */
const PACKETS: Readonly<Record<keyof BridgeToApi, { readonly content: z.ZodType; readonly ack: boolean }>> = {
  hello: { content: z.object({ info: hostInfo, generations: z.record(z.string(), z.number()), claws: z.array(claw).max(1_000).optional() }), ack: true },
  fact: { content: z.array(z.unknown()), ack: true },
  'host-info': { content: hostInfo, ack: true },
  metrics: { content: metricTicks, ack: true },
  'stream-data': { content: z.object({ streamId, data: z.instanceof(Uint8Array) }), ack: true },
  'stream-end': { content: z.object({ streamId, error: z.string().nullable() }), ack: false },
};

/**
 * What is wrong with an event of a bridge, or null. A bridge may run on a machine that is not ours: an event of another form would
 * end this process in a handler that trusts its types. Events nobody listens to are no problem.
 */
export function packetProblem([event, content, ack]: readonly unknown[]): string | null {
  if (typeof event !== 'string' || !Object.hasOwn(PACKETS, event)) return null;
  const form = PACKETS[event as keyof BridgeToApi];
  if (form.ack && typeof ack !== 'function') return `${event} wants no acknowledgement`;
  const result = form.content.safeParse(content);
  if (result.success) return null;
  return `${event} is wrong at ${result.error.issues.map(({ path }) => `/${path.join('/')}`).join(', ')}`;
}
