import type { InstanceView } from '../../workflows/contracts/instance.ts';
import type { View } from '../lib/output.ts';
import { paintState } from '../lib/style.ts';
import { age, oneLine } from '../lib/text.ts';

/** `env=prod,team=a`, sorted; `-` when there are none. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length > 0 ? oneLine(pairs.map(([key, value]) => `${key}=${value}`).join(',')) : '-';
}

/** What the claw is doing in a word or two: its phase, and `(not ready)` for one that runs and does not answer yet. */
function phaseText(instance: InstanceView): string {
  return instance.status.phase === 'Running' && !instance.status.ready ? 'Running (not ready)' : instance.status.phase;
}

/** Instances in a list. */
export const INSTANCES: View<InstanceView> = {
  columns: [
    { title: 'NAME', cell: (row) => row.name },
    { title: 'PHASE', room: 19, cell: (row, { paint }) => paintState(paint, phaseText(row)) },
    { title: 'TYPE', cell: (row) => row.spec.type },
    { title: 'VERSION', cell: (row) => row.spec.version },
    { title: 'RESTARTS', cell: (row) => String(row.status.restarts) },
    { title: 'AGE', clock: true, cell: (row, { now }) => age(row.createdAt, now) },
    { title: 'OPERATION', room: 16, cell: (row) => (row.status.operation ? `${row.status.operation.kind} ${row.status.operation.state}` : '-') },
    { title: 'REASON', cell: (row) => row.status.reason ?? '-' },
    { title: 'ID', wide: true, cell: (row) => row.id },
    { title: 'HOST', wide: true, cell: (row) => row.spec.placement.hostId },
    { title: 'CPU', wide: true, cell: (row) => row.spec.resources.cpu },
    { title: 'MEMORY', wide: true, cell: (row) => row.spec.resources.memory },
    { title: 'LABELS', wide: true, cell: (row) => labelText(row.labels) },
  ],
  name: (row) => row.name,
  empty: 'No instances. Make one: claw create NAME',
};
