import type { components } from '../../frontend/src/api/schema.d.ts';
import type { View } from '../lib/output.ts';
import { oneLine } from '../lib/text.ts';

type Schemas = components['schemas'];
export type ConfigRow = Schemas['Config'];
export type SettingRow = Schemas['EffectiveConfig']['provenance'][number];
export type ChangeRow = Schemas['ConfigChange'];
export type UserRow = Schemas['ConfigUser'];

const text = (value: unknown): string => oneLine(JSON.stringify(value) ?? '-');

/** Configs and who runs on them. */
export const CONFIGS: View<ConfigRow> = {
  columns: [
    { title: 'NAME', cell: (row) => oneLine(row.name) },
    { title: 'LEVEL', cell: (row) => row.level },
    { title: 'TYPE', cell: (row) => row.type },
    { title: 'CURRENT', cell: (row) => String(row.current ?? '-') },
    { title: 'PUBLISHED', cell: (row) => String(row.published ?? '-') },
    { title: 'LATEST', cell: (row) => String(row.latest) },
    { title: 'INSTANCES', cell: (row) => String(row.instances) },
    { title: 'OUT OF DATE', cell: (row) => String(row.outOfDate) },
    { title: 'ID', wide: true, cell: (row) => row.id },
  ],
  name: (row) => row.name,
  empty: 'No configs yet. Make one: claw config create NAME -f FILE',
};

/** Where each setting of an instance comes from. */
export const SETTINGS: View<SettingRow> = {
  columns: [
    { title: 'SETTING', cell: (row) => oneLine(row.key) },
    { title: 'SOURCE', cell: (row) => (row.config ? `${row.source} ${oneLine(row.config.name)} ${row.config.version}` : row.source) },
    { title: 'LOCKED BY', cell: (row) => (row.lockedBy ? `${oneLine(row.lockedBy.name)} ${row.lockedBy.version}` : '-') },
    { title: 'VALUE', cell: (row) => text(row.value) },
  ],
  name: (row) => row.key,
  empty: 'There is no such setting.',
};

/** What differs. */
export const CHANGES: View<ChangeRow> = {
  columns: [
    { title: '', cell: (row) => ({ added: '+', removed: '-', changed: '~' })[row.change] },
    { title: 'SETTING', cell: (row) => oneLine(row.key) },
    { title: 'BEFORE', cell: (row) => (row.change === 'added' ? '-' : text(row.before)) },
    { title: 'AFTER', cell: (row) => (row.change === 'removed' ? '-' : text(row.after)) },
  ],
  name: (row) => row.key,
  empty: 'Nothing differs.',
};

/** Who runs on which version. */
export const USERS: View<UserRow> = {
  columns: [
    { title: 'INSTANCE', cell: (row) => oneLine(row.name) },
    { title: 'PHASE', cell: (row) => row.phase },
    { title: 'VERSION', cell: (row) => String(row.version ?? '-') },
    { title: 'OUT OF DATE', cell: (row) => (row.outOfDate ? 'yes' : 'no') },
    { title: 'ID', wide: true, cell: (row) => row.id },
  ],
  name: (row) => row.name,
  empty: 'No instance runs on it.',
};
