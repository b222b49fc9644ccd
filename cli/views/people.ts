import type { components } from '../../frontend/src/api/schema.d.ts';
import type { View } from '../lib/output.ts';
import { age, oneLine, span } from '../lib/text.ts';

type Schemas = components['schemas'];
type Grant = Schemas['NamedGrant'];

/** Roles from the one that may most to the one that may least, as the API names them. */
export const ROLES = ['owner', 'admin', 'operator', 'approver', 'member', 'viewer'] as const satisfies readonly Schemas['Role'][];
/** What somebody may be in one project beside their role. */
export const GRANT_ROLES = ['operator', 'approver', 'viewer'] as const satisfies readonly Grant['role'][];

function grants(all: readonly Grant[]): string {
  return all.map(({ projectName, role }) => `${oneLine(projectName)}=${role}`).join(',') || '-';
}

/** Members in a list. */
export const MEMBERS: View<Schemas['Member']> = {
  columns: [
    { title: 'EMAIL', cell: (row) => oneLine(row.email) },
    { title: 'NAME', cell: (row) => oneLine(row.name) },
    { title: 'ROLE', cell: (row) => row.role },
    { title: 'PROJECTS', cell: (row) => grants(row.grants) },
    { title: 'SEEN', clock: true, cell: (row, { now }) => age(row.lastSeenAt, now) },
    { title: 'JOINED', wide: true, clock: true, cell: (row, { now }) => age(row.joinedAt, now) },
    { title: '2ND-STEP', wide: true, cell: (row) => (row.secondFactor ? 'on' : 'off') },
    { title: 'CLAWS', wide: true, cell: (row) => String(row.personalClaws) },
    { title: 'ID', wide: true, cell: (row) => row.userId },
  ],
  name: (row) => row.email,
  empty: 'No members.',
};

/** Invitations in a list. */
export const INVITATIONS: View<Schemas['Invitation']> = {
  columns: [
    { title: 'EMAIL', cell: (row) => oneLine(row.email) },
    { title: 'ROLE', cell: (row) => row.role },
    { title: 'PROJECTS', cell: (row) => grants(row.grants) },
    { title: 'STATE', cell: (row) => row.state },
    {
      title: 'LEFT',
      clock: true,
      cell: (row, { now }) => (row.state === 'pending' ? span(Math.max(0, (Date.parse(row.expiresAt) - now.getTime()) / 1000)) : '-'),
    },
    { title: 'BY', cell: (row) => (row.invitedBy.name === null ? '-' : oneLine(row.invitedBy.name)) },
    { title: 'MAILED', wide: true, cell: (row) => (row.mailed ? 'yes' : 'no') },
    { title: 'ID', wide: true, cell: (row) => row.id },
  ],
  name: (row) => row.id,
  empty: 'No invitations.',
};
