import type { HostState, HostView } from '../../../../workflows/contracts/host.ts';
import { cpuMillis, quantityBytes } from '../../../../workflows/contracts/quantities.ts';
import type { Tone } from '../instances/status-view.ts';

export const HOST_TONES: Readonly<Record<HostState, Tone>> = { online: 'success', offline: 'error', pending: 'neutral' };

/** What of a host is promised to its claws. Bytes and cores; null while the host has not told of itself. */
export interface HostCapacity {
  readonly memory: { readonly total: number; readonly reserved: number } | null;
  readonly cpu: { readonly total: number; readonly reserved: number } | null;
}

/** Capacity of a host from what it told and what is reserved. */
export function hostCapacity(host: Pick<HostView, 'info' | 'reserved'>): HostCapacity {
  if (host.info === null) return { memory: null, cpu: null };
  return {
    memory: { total: host.info.memoryBytes, reserved: quantityBytes(host.reserved.memory) ?? 0 },
    cpu: { total: host.info.cpus, reserved: (cpuMillis(host.reserved.cpu) ?? 0) / 1000 },
  };
}
