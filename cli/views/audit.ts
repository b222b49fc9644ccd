import type { components } from '../../frontend/src/api/schema.d.ts';
import type { View } from '../lib/output.ts';
import { paintState } from '../lib/style.ts';
import { age, oneLine } from '../lib/text.ts';

type AuditEntry = components['schemas']['AuditEntry'];
type KeyRotation = components['schemas']['KeyRotation'];

function actorText({ kind, id, name, key }: AuditEntry['actor']): string {
  if (kind === 'platform') return 'platform';
  return oneLine(`${name ?? id ?? '-'}${key ? ` (${key.name ?? key.id})` : ''}`);
}

/** Entries of the audit in a list. */
export const AUDIT: View<AuditEntry> = {
  columns: [
    { title: 'SEQ', wide: true, cell: (row) => String(row.seq) },
    { title: 'AGE', clock: true, room: 5, cell: (row, { now }) => age(row.at, now) },
    { title: 'RESULT', room: 7, cell: (row, { paint }) => paintState(paint, row.result) },
    { title: 'ACTION', cell: (row) => oneLine(row.action) },
    { title: 'TARGET', cell: (row) => oneLine(row.target.name ?? row.target.id) },
    { title: 'BY', cell: (row) => actorText(row.actor) },
    { title: 'REASON', wide: true, cell: (row) => row.reason ?? '-' },
    { title: 'FROM', wide: true, cell: (row) => row.ip ?? '-' },
    { title: 'ID', wide: true, cell: (row) => oneLine(row.target.id) },
    { title: 'REQUEST', wide: true, cell: (row) => row.requestId ?? '-' },
  ],
  name: (row) => row.id,
  empty: 'No entries.',
};

/** Key rotations in a list. */
export const KEY_ROTATIONS: View<KeyRotation> = {
  columns: [
    { title: 'ID', cell: (row) => row.id },
    { title: 'STATE', cell: (row, { paint }) => paintState(paint, row.state) },
    { title: 'SECRETS', cell: (row) => (row.total === null ? '-' : `${row.resealed}/${row.total}`) },
    { title: 'UNREADABLE', cell: (row) => String(row.unreadable) },
    { title: 'STARTED', clock: true, cell: (row, { now }) => age(row.createdAt, now) },
    { title: 'BY', cell: (row) => oneLine(row.startedBy.name ?? row.startedBy.id) },
    { title: 'KEY', wide: true, cell: (row) => row.keyId ?? '-' },
  ],
  name: (row) => row.id,
  empty: 'The keys were never rotated; the key file itself seals.',
};
