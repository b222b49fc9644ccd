import type { components } from '../../frontend/src/api/schema.d.ts';
import type { View } from '../lib/output.ts';
import { paintState } from '../lib/style.ts';
import { bytes, dollars, oneLine } from '../lib/text.ts';

export type TopInstance = components['schemas']['TopInstance'];
export type TopHost = components['schemas']['TopHost'];

/** `120m`, as Kubernetes writes thousandths of a CPU; `-` when it is not measured now. */
function cpu(millicores: number | null): string {
  return millicores === null ? '-' : `${Math.round(millicores)}m`;
}

function share(part: number | null, whole: number | null): string {
  return part === null || whole === null || whole === 0 ? '-' : `${Math.round((part / whole) * 100)}%`;
}

function amount(count: number | null): string {
  return count === null ? '-' : bytes(count);
}

/** What instances use now, and used of models in the last hour. */
export const TOP_INSTANCES: View<TopInstance> = {
  columns: [
    { title: 'NAME', cell: (row) => row.name },
    { title: 'PHASE', wide: true, cell: (row, { paint }) => paintState(paint, row.phase) },
    { title: 'CPU', cell: (row) => cpu(row.cpuMillicores) },
    { title: 'CPU%', cell: (row) => share(row.cpuMillicores, row.cpuLimitMillicores) },
    { title: 'MEMORY', cell: (row) => `${amount(row.memoryBytes)} / ${bytes(row.memoryLimitBytes)}` },
    { title: 'MEMORY%', wide: true, cell: (row) => share(row.memoryBytes, row.memoryLimitBytes) },
    { title: 'PROCESSES', wide: true, cell: (row) => (row.processes === null ? '-' : String(row.processes)) },
    { title: 'RESTARTS', cell: (row) => String(row.restarts) },
    { title: 'REQUESTS/H', cell: (row) => String(row.requests) },
    { title: 'ERRORS/H', cell: (row) => String(row.errors) },
    { title: 'TOKENS/H', cell: (row) => String(row.promptTokens + row.completionTokens) },
    { title: 'COST/H', cell: (row) => dollars(row.costMicroUsd) },
    { title: 'ACTIVE/H', wide: true, cell: (row) => `${Math.round(row.activeSeconds)}s` },
    { title: 'ID', wide: true, cell: (row) => row.id },
  ],
  name: (row) => row.name,
  empty: 'No instances. Make one: claw create NAME',
};

/** What hosts use now. */
export const TOP_HOSTS: View<TopHost> = {
  columns: [
    { title: 'NAME', cell: (row) => oneLine(row.name) },
    { title: 'STATE', cell: (row, { paint }) => paintState(paint, row.state) },
    { title: 'CPU', cell: (row) => cpu(row.cpuMillicores) },
    { title: 'CPU%', cell: (row) => share(row.cpuMillicores, row.cpuCapacityMillicores) },
    { title: 'MEMORY', cell: (row) => `${amount(row.memoryBytes)} / ${amount(row.memoryCapacityBytes)}` },
    { title: 'DISK', cell: (row) => `${amount(row.diskUsedBytes)} / ${amount(row.diskTotalBytes)}` },
    { title: 'LOAD', cell: (row) => (row.load1 === null ? '-' : row.load1.toFixed(2)) },
    { title: 'INSTANCES', cell: (row) => String(row.instances) },
    { title: 'ID', wide: true, cell: (row) => row.id },
  ],
  name: (row) => row.name,
  empty: 'No hosts.',
};
