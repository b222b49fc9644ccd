import { type Row, row } from '../lib/row.ts';
import type { Disk } from './memory.ts';
import type { World } from './world.ts';

/** What was asked for and how it ended, what was broken, and what all of it left on disk. */
export async function resultRows(world: World, begun: Disk, ended: Disk): Promise<Row[]> {
  const { rows: states } = await world.fleet.database.query<{ state: string; count: number }>(
    'SELECT state, count(*)::integer AS count FROM operation GROUP BY state ORDER BY state',
  );
  const outcomes = Map.groupBy(world.asked, ({ outcome }) => outcome.kind);
  const operations = states.reduce((sum, { count }) => sum + count, 0);
  return [
    row('requests for an operation', world.asked.length, ''),
    ...[...outcomes].map(([kind, asked]) => row(`requests ${kind === 'unknown' ? 'without an answer' : kind}`, asked.length, '')),
    ...states.map(({ state, count }) => row(`operations ${state}`, count, '')),
    ...[...world.counts].toSorted(([a], [b]) => a.localeCompare(b)).map(([name, count]) => row(`done: ${name}`, count, '')),
    row('database grown by', ended.database - begun.database, 'MiB'),
    row('database grown by, each operation', ((ended.database - begun.database) * 1024) / operations, 'KiB'),
    row("workflow engine's database grown by", ended.engine - begun.engine, 'MiB'),
    row('logs grown by', ended.logs - begun.logs, 'MiB'),
  ];
}
