import type { ProviderView } from '../../workflows/contracts/model.ts';
import type { View } from '../lib/output.ts';
import { paintState } from '../lib/style.ts';
import { age, oneLine } from '../lib/text.ts';

/** Model providers in a list. */
export const PROVIDERS: View<ProviderView> = {
  columns: [
    { title: 'NAME', cell: (row) => oneLine(row.name) },
    { title: 'KIND', cell: (row) => row.kind },
    { title: 'STATE', room: 10, cell: (row, { paint }) => paintState(paint, row.state) },
    { title: 'MODELS', cell: (row) => row.models.map(oneLine).join(',') || '-' },
    { title: 'VERIFIED', clock: true, cell: (row, { now }) => age(row.verifiedAt, now) },
    { title: 'ERROR', cell: (row) => row.error?.code ?? '-' },
    { title: 'ID', wide: true, cell: (row) => row.id },
    { title: 'BASE-URL', wide: true, cell: (row) => (row.baseUrl ? oneLine(row.baseUrl) : '-') },
  ],
  name: (row) => row.name,
  empty: 'No providers; claws can use the model "demo". Add one: claw provider add',
};
