import type { components } from '../../frontend/src/api/schema.d.ts';
import type { View } from '../lib/output.ts';
import { paintState } from '../lib/style.ts';
import { oneLine } from '../lib/text.ts';

/** Models in a list. */
export const MODELS: View<components['schemas']['Model']> = {
  columns: [
    { title: 'ID', cell: (row) => oneLine(row.id) },
    { title: 'PROVIDER', cell: (row) => oneLine(row.provider) },
    { title: 'KIND', cell: (row) => row.kind },
    { title: 'STATE', cell: (row, { paint }) => paintState(paint, row.state) },
  ],
  name: (row) => row.id,
  empty: 'No models.',
};
