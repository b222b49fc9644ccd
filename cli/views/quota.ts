import type { components } from '../../frontend/src/api/schema.d.ts';
import { cpuQuantity } from '../../workflows/contracts/quantities.ts';
import type { View } from '../lib/output.ts';
import { bytes, oneLine } from '../lib/text.ts';

type Amount = components['schemas']['QuotaAmount'];
export type QuotaScope = components['schemas']['QuotaScope'];

/** `3 / 10`, with `-` where nothing limits it. */
function against({ used, limit }: Amount, say: (amount: number) => string): string {
  return `${say(used)} / ${limit === null ? '-' : say(limit)}`;
}

/** Usage against quota of the tenant and its projects. */
export const QUOTAS: View<QuotaScope> = {
  columns: [
    { title: 'SCOPE', cell: (row) => row.kind },
    { title: 'NAME', cell: (row) => oneLine(row.name) },
    { title: 'INSTANCES', cell: (row) => against(row.instances, String) },
    { title: 'CPU', cell: (row) => against(row.cpuMillis, cpuQuantity) },
    { title: 'MEMORY', cell: (row) => against(row.memoryBytes, bytes) },
    { title: 'STORAGE', cell: (row) => against(row.storageBytes, bytes) },
    { title: 'PLAN', cell: (row) => row.plan ?? '-' },
    { title: 'ID', wide: true, cell: (row) => row.id },
  ],
  name: (row) => row.name,
  empty: 'No quotas.',
};
