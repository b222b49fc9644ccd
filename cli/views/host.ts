import type { HostView } from '../../workflows/contracts/host.ts';
import type { View } from '../lib/output.ts';
import { paintState } from '../lib/style.ts';
import { age, bytes, oneLine } from '../lib/text.ts';

/** Hosts in a list. */
export const HOSTS: View<HostView> = {
  columns: [
    { title: 'NAME', cell: (row) => oneLine(row.name) },
    { title: 'STATE', room: 7, cell: (row, { paint }) => paintState(paint, row.state) },
    { title: 'INSTANCES', cell: (row) => String(row.instances) },
    { title: 'CPUS', cell: (row) => (row.info ? String(row.info.cpus) : '-') },
    { title: 'MEMORY', cell: (row) => (row.info ? bytes(row.info.memoryBytes) : '-') },
    { title: 'RESERVED', cell: (row) => `${row.reserved.cpu} / ${row.reserved.memory}` },
    { title: 'SEEN', clock: true, cell: (row, { now }) => age(row.lastSeenAt, now) },
    { title: 'ID', wide: true, cell: (row) => row.id },
    { title: 'PLATFORM', wide: true, cell: (row) => (row.info ? `${row.info.platform}/${row.info.arch}` : '-') },
    { title: 'ISOLATION', wide: true, cell: (row) => row.info?.isolation ?? '-' },
    { title: 'DISK-FREE', wide: true, cell: (row) => (row.info ? bytes(row.info.diskFreeBytes) : '-') },
    { title: 'BRIDGE', wide: true, cell: (row) => row.info?.bridgeVersion ?? '-' },
  ],
  name: (row) => row.name,
  empty: 'No hosts.',
};
