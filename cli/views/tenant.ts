import type { components } from '../../frontend/src/api/schema.d.ts';
import type { View } from '../lib/output.ts';
import { age, oneLine } from '../lib/text.ts';

type Schemas = components['schemas'];

function standing({ state, progress }: Schemas['Tenant']): string {
  return progress && progress.finishedAt === null ? `${state} (${progress.remaining} of ${progress.total} claws left)` : state;
}

/** Tenants in a list. */
export const TENANTS: View<Schemas['Tenant']> = {
  columns: [
    { title: 'NAME', cell: (row) => oneLine(row.name) },
    { title: 'STATE', cell: standing },
    { title: 'OWNER', cell: (row) => row.owners.map(({ email }) => oneLine(email)).join(',') || '-' },
    { title: 'MEMBERS', cell: (row) => String(row.members) },
    { title: 'PROJECTS', wide: true, cell: (row) => String(row.projects) },
    { title: 'INSTANCES', cell: (row) => String(row.instances) },
    { title: 'AGE', clock: true, cell: (row, { now }) => age(row.createdAt, now) },
    { title: 'ID', wide: true, cell: (row) => row.id },
  ],
  name: (row) => row.id,
  empty: 'No tenants.',
};

/** Projects in a list. */
export const PROJECTS: View<Schemas['Project']> = {
  columns: [
    { title: 'NAME', cell: (row) => oneLine(row.name) },
    { title: 'INSTANCES', cell: (row) => String(row.instances) },
    { title: 'PEOPLE', cell: (row) => row.grants.map(({ email, role }) => `${oneLine(email)}=${role}`).join(',') || '-' },
    { title: 'AGE', clock: true, cell: (row, { now }) => age(row.createdAt, now) },
    { title: 'ID', wide: true, cell: (row) => row.id },
  ],
  name: (row) => row.id,
  empty: 'No projects.',
};
