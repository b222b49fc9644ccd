import type { components } from '../../frontend/src/api/schema.d.ts';
import type { ViewContext } from '../lib/output.ts';
import { paintState } from '../lib/style.ts';
import { dollars, oneLine, span, table } from '../lib/text.ts';

type Schemas = components['schemas'];

/** What `claw status` shows: the API's own answers side by side. */
export interface Status {
  readonly health: Schemas['SystemHealth'];
  readonly overview: Schemas['Overview'];
  readonly preflight: Schemas['Preflight'];
}

function fleet({ instances, operations, usage24h }: Schemas['Overview'], { paint }: ViewContext): string {
  const phases = Object.entries(instances.byPhase).filter(([, count]) => count > 0);
  const total = phases.reduce((sum, [, count]) => sum + count, 0);
  const counts = phases.map(([phase, count]) => `${count} ${paintState(paint, phase)}`).join(', ');
  return [
    `Fleet: ${total} ${total === 1 ? 'instance' : 'instances'}${counts ? ` (${counts})` : ''}`,
    `Operations: ${operations.running} running, ${operations.retrying} retrying`,
    `Last 24 h: ${usage24h.requests} model requests, ${usage24h.errors} failed, ${usage24h.promptTokens + usage24h.completionTokens} tokens, ${dollars(usage24h.costMicroUsd)}`,
  ].join('\n');
}

/** Health of the platform, then the fleet, then the room that is left. */
export function formatStatus({ health, overview, preflight }: Status, context: ViewContext): string {
  const { paint } = context;
  const shown = health.components.filter((part) => part.status !== 'ok' || !part.host);
  const rows = shown.map((part) => [
    part.host ? `host ${oneLine(part.host.name)}` : part.name,
    paintState(paint, part.status),
    part.version ?? '-',
    part.latencyMs === undefined ? '-' : `${Math.round(part.latencyMs)} ms`,
    oneLine([part.message, part.status === 'ok' ? undefined : part.nextStep].filter(Boolean).join(' ')),
  ]);
  const room = preflight.hosts.map((host) => `${oneLine(host.name)} takes ${host.clawsThatFit} more`);
  const relay = health.relay.pending > 0 ? `\nWaiting for delivery: ${health.relay.pending}, the oldest for ${span(health.relay.oldestSeconds)}` : '';
  return `Platform: ${paintState(paint, health.status)}\n${table(['PART', 'STATE', 'VERSION', 'ANSWERS IN', ''], rows)}\n${fleet(overview, context)}${relay}\n${room.length > 0 ? `Hosts: ${room.join(', ')}\n` : ''}`;
}
