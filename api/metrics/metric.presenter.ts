import { type HostInfo, HostState } from '../../workflows/contracts/host.ts';
import type { InstanceSpec, Phase } from '../../workflows/contracts/instance.ts';
import { cpuMillis, quantityBytes } from '../../workflows/contracts/quantities.ts';
import type { ModelUse } from './model-use.ts';

/** Sums of one step; pg answers bigint and numeric as text. */
interface MetricRow {
  readonly bucket: Date;
  readonly cpu_millicores: number;
  readonly cpu_millicores_max: number;
  readonly memory_bytes: string;
  readonly memory_bytes_max: string;
}

export interface InstanceMetricRow extends MetricRow {
  readonly processes_max: number;
  readonly disk_bytes: string | null;
  readonly restarts_total: number;
}

export interface HostMetricRow extends MetricRow {
  readonly disk_used_bytes: string;
  readonly disk_total_bytes: string;
  readonly load1: number;
}

/** An instance with its newest sample, if it has one now. */
export interface TopInstanceRow {
  readonly id: string;
  readonly name: string;
  readonly phase: Phase;
  readonly host_id: string;
  readonly spec: InstanceSpec;
  readonly observed_restarts: number;
  readonly at: Date | null;
  readonly cpu_millicores_max: number | null;
  readonly memory_bytes: string | null;
  readonly processes_max: number | null;
  readonly restarts_total: number | null;
}

export interface TopHostRow {
  readonly id: string;
  readonly name: string;
  readonly connected: boolean;
  readonly info: HostInfo | null;
  readonly instances: string;
  readonly at: Date | null;
  readonly cpu_millicores_max: number | null;
  readonly memory_bytes: string | null;
  readonly disk_used_bytes: string | null;
  readonly disk_total_bytes: string | null;
  readonly load1: number | null;
}

export function limitsOf({ resources }: InstanceSpec) {
  return {
    cpuMillicores: cpuMillis(resources.cpu) ?? 0,
    memoryBytes: quantityBytes(resources.memory) ?? 0,
    storageBytes: quantityBytes(resources.storage) ?? 0,
  };
}

export function presentInstancePoint(at: number, row: InstanceMetricRow | undefined, restarts: number | null, use: ModelUse) {
  return {
    at: new Date(at).toISOString(),
    ...presentLoad(row),
    processes: row?.processes_max ?? null,
    diskBytes: numberOf(row?.disk_bytes),
    restarts,
    ...use,
  };
}

export function presentHostPoint(at: number, row: HostMetricRow | undefined) {
  return { at: new Date(at).toISOString(), ...presentLoad(row), diskUsedBytes: numberOf(row?.disk_used_bytes), load1: rounded(row?.load1, 100) };
}

export function presentTopInstance(row: TopInstanceRow, use: ModelUse) {
  const limits = limitsOf(row.spec);
  return {
    id: row.id,
    name: row.name,
    phase: row.phase,
    hostId: row.host_id,
    at: row.at?.toISOString() ?? null,
    cpuMillicores: row.cpu_millicores_max,
    cpuLimitMillicores: limits.cpuMillicores,
    memoryBytes: numberOf(row.memory_bytes),
    memoryLimitBytes: limits.memoryBytes,
    processes: row.processes_max,
    restarts: row.restarts_total ?? row.observed_restarts,
    ...use,
  };
}

export function presentTopHost(row: TopHostRow) {
  return {
    id: row.id,
    name: row.name,
    state: row.connected ? HostState.online : row.info ? HostState.offline : HostState.pending,
    at: row.at?.toISOString() ?? null,
    cpuMillicores: row.cpu_millicores_max,
    cpuCapacityMillicores: row.info ? row.info.cpus * 1000 : null,
    memoryBytes: numberOf(row.memory_bytes),
    memoryCapacityBytes: row.info?.memoryBytes ?? null,
    diskUsedBytes: numberOf(row.disk_used_bytes),
    diskTotalBytes: numberOf(row.disk_total_bytes),
    load1: rounded(row.load1, 100),
    instances: Number(row.instances),
  };
}

function presentLoad(row: MetricRow | undefined) {
  return {
    cpuMillicores: rounded(row?.cpu_millicores, 10),
    cpuMillicoresMax: row?.cpu_millicores_max ?? null,
    memoryBytes: rounded(numberOf(row?.memory_bytes), 1),
    memoryBytesMax: numberOf(row?.memory_bytes_max),
  };
}

function numberOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text);
}

function rounded(value: number | null | undefined, parts: number): number | null {
  return value === null || value === undefined ? null : Math.round(value * parts) / parts;
}
