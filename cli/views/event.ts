import type { FleetEventView } from '../../workflows/contracts/fleet-event.ts';
import type { View } from '../lib/output.ts';
import { paintState } from '../lib/style.ts';
import { age, oneLine } from '../lib/text.ts';

function actorText({ kind, id, name }: FleetEventView['actor']): string {
  return kind === 'platform' ? '-' : oneLine(name ?? id ?? '-');
}

/** Events in a list. */
export const EVENTS: View<FleetEventView> = {
  columns: [
    { title: 'LAST', clock: true, room: 5, cell: (row, { now }) => age(row.lastAt, now) },
    { title: 'SEVERITY', room: 8, cell: (row, { paint }) => paintState(paint, row.severity) },
    { title: 'TYPE', room: 24, cell: (row) => row.type },
    { title: 'COUNT', wide: true, cell: (row) => String(row.count) },
    { title: 'FIRST', wide: true, clock: true, room: 5, cell: (row, { now }) => age(row.firstAt, now) },
    { title: 'BY', wide: true, cell: (row) => actorText(row.actor) },
    { title: 'OPERATION', wide: true, cell: (row) => row.operationId ?? '-' },
    { title: 'REQUEST', wide: true, cell: (row) => row.requestId ?? '-' },
    { title: 'MESSAGE', cell: (row) => oneLine(row.message) },
  ],
  name: (row) => row.id,
  empty: 'No events.',
};
