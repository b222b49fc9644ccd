import type { components } from '../../frontend/src/api/schema.d.ts';
import type { View } from '../lib/output.ts';

/** Claw types in a list. */
export const CLAW_TYPES: View<components['schemas']['ClawType']> = {
  columns: [
    { title: 'NAME', cell: (row) => row.name },
    { title: 'SOURCE', cell: (row) => row.source },
    { title: 'DEFAULT', cell: (row) => row.defaultVersion },
    { title: 'VERSIONS', cell: (row) => row.versions.join(',') },
    { title: 'CHAT', cell: (row) => (row.chat ? 'yes' : 'no') },
    { title: 'CPU', wide: true, cell: (row) => row.defaultResources.cpu },
    { title: 'MEMORY', wide: true, cell: (row) => row.defaultResources.memory },
    { title: 'REPLICAS', wide: true, cell: (row) => `1..${row.maxReplicas}` },
  ],
  name: (row) => row.name,
  empty: 'No claw types.',
};
