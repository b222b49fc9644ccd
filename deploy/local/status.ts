import { existsSync } from 'node:fs';
import { repositoryRoot } from './platform.ts';
import { dataDirectory, parseArguments } from './supervisor/arguments.ts';
import { holderOf } from './supervisor/data-lock.ts';
import { readElsewhere } from './supervisor/homes.ts';
import { PartState } from './supervisor/managed-process.ts';
import { isAlive } from './supervisor/process-identity.ts';
import { type PartRecord, type PlatformState, readState } from './supervisor/state-file.ts';

/** One line of `npm run status`. */
interface Row {
  readonly part: string;
  readonly state: string;
  readonly pid: number | null;
  readonly port: number | null;
  readonly version: string | null;
  readonly source: string | null;
  readonly restarts: number;
}

function rowOf(record: PartRecord, supervised: boolean): Row {
  const alive = record.identity !== null && isAlive(record.identity);
  const state = supervised ? supervisedState(record.state, alive) : alive ? 'left over' : 'stopped';
  return {
    part: record.name,
    state,
    pid: alive ? (record.identity?.pid ?? null) : null,
    port: record.port,
    version: record.version,
    source: record.source,
    restarts: record.restarts,
  };
}

/** The record may be a moment older than the death of its process. */
function supervisedState(state: PartState, alive: boolean): PartState {
  return state === PartState.Running && !alive ? PartState.Restarting : state;
}

function printTable(rows: readonly Row[]): void {
  const columns = ['part', 'state', 'pid', 'port', 'version', 'source', 'restarts'] as const;
  const text = rows.map((row) => columns.map((column) => String(row[column] ?? '-')));
  const widths = columns.map((column, index) => Math.max(column.length, ...text.map((cells) => cells[index]?.length ?? 0)));
  const line = (cells: readonly string[]) => `  ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd();
  console.log(line(columns.map((column) => column.toUpperCase())));
  for (const cells of text) console.log(line(cells));
}

function printAddresses({ url, temporalUi, metrics = [] }: PlatformState): void {
  if (url) console.log(`\n  Portal    ${url}\n  Temporal  ${temporalUi}`);
  if (metrics.length > 0) console.log(`  Metrics   ${metrics.join('\n            ')}`);
}

function main(json: boolean): number {
  const dataDir = dataDirectory(repositoryRoot);
  const state = existsSync(dataDir) ? readState(dataDir) : null;
  const holder = existsSync(dataDir) ? holderOf(dataDir) : null;
  const rows = state?.parts.map((record) => rowOf(record, holder !== null)) ?? [];
  const ready = holder !== null && state?.ready === true && rows.every((row) => row.state === 'running');
  const elsewhere = existsSync(dataDir) ? readElsewhere(dataDir) : null;
  const { url, temporalUi, metrics = [] } = state ?? { url: null, temporalUi: null };
  if (json)
    console.log(
      JSON.stringify({ running: holder !== null, ready, supervisorPid: holder?.pid ?? null, url, temporalUi, metrics, dataDir, elsewhere, parts: rows }),
    );
  else {
    console.log(
      holder ? `  ClawLoops ${ready ? 'is running' : 'is not fully up'} (supervisor ${holder.pid}).` : '  ClawLoops is not running. Start it with: npm run up',
    );
    if (rows.length > 0) printTable(rows);
    if (holder && state) printAddresses(state);
    if (state) console.log(`  Data      ${dataDir}${elsewhere ? ` and ${elsewhere}` : ''}`);
  }
  return ready ? 0 : 1;
}

try {
  const options = parseArguments(process.argv.slice(2), ['json']);
  if (options.help) console.log('npm run status [-- --json]     what runs, since when, on which port; exit code 0 when all is healthy');
  process.exit(options.help ? 0 : main(options.json));
} catch (error) {
  process.stderr.write(`\n  ${(error as Error).message}\n\n`);
  process.exit(1);
}
