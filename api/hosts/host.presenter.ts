import type { BridgeClaw } from '../../workflows/contracts/bridge-protocol.ts';
import { type HostInfo, HostState, type HostView } from '../../workflows/contracts/host.ts';

/** A host and what it has promised, as HOST_COLUMNS selects it. pg answers bigint as text. */
export interface HostRow {
  readonly id: string;
  readonly name: string;
  readonly connected: boolean;
  readonly info: HostInfo | null;
  readonly unknown_claws: readonly BridgeClaw[];
  readonly last_seen_at: Date | null;
  readonly created_at: Date;
  readonly instances: string;
  readonly cpu_millis: string;
  readonly memory_bytes: string;
}

/** For `FROM host h CROSS JOIN LATERAL host_reservations(h.id) r`. */
export const HOST_COLUMNS = 'h.id, h.name, h.connected, h.info, h.unknown_claws, h.last_seen_at, h.created_at, r.instances, r.cpu_millis, r.memory_bytes';

/** A host as a tenant sees it: of unknown claws only its own. */
export function presentHost(row: HostRow, tenantId: string): HostView {
  return {
    id: row.id,
    name: row.name,
    state: stateOf(row),
    info: row.info,
    instances: Number(row.instances),
    reserved: { cpu: `${row.cpu_millis}m`, memory: `${Math.ceil(Number(row.memory_bytes) / 2 ** 20)}Mi` },
    unknownClaws: row.unknown_claws.filter((claw) => claw.tenantId === tenantId).map(({ instanceId, slug }) => ({ instanceId, slug })),
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  };
}

function stateOf({ connected, info }: HostRow): HostState {
  if (connected) return HostState.online;
  return info ? HostState.offline : HostState.pending;
}
