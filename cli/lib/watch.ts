import { setTimeout as sleep } from 'node:timers/promises';
import { interruptedError, type Session } from './client.ts';
import { CliError, ExitCode, isPassing } from './errors.ts';
import type { Io } from './io.ts';
import { openLive } from './live.ts';
import { formatYaml, type OutputFormat, shownColumns, type View, viewContext } from './output.ts';
import { columnWidths, tableRow } from './text.ts';

/** What makes a row the same row, and when it counts as changed. */
export interface Identity<T> {
  key(row: T): string;
  /** Two looks at a row with the same print have nothing new to show. */
  print(row: T): string;
}

/** Compares looks at a list. Pure: rows in, what is to be told out. */
export class RowTracker<T> {
  readonly #identity: Identity<T>;
  #rows = new Map<string, T>();

  constructor(identity: Identity<T>) {
    this.#identity = identity;
  }

  /** The rows that are new or differ from the look before, and those that are not listed any more. */
  look(rows: readonly T[]): { changed: T[]; left: T[] } {
    const { key, print } = this.#identity;
    const before = this.#rows;
    this.#rows = new Map(rows.map((row) => [key(row), row]));
    const changed = rows.filter((row) => {
      const known = before.get(key(row));
      return known === undefined || print(known) !== print(row);
    });
    return { changed, left: [...before].filter(([id]) => !this.#rows.has(id)).map(([, row]) => row) };
  }
}

/** By id, or by name where there is none; what a format does not show is no change of it. */
export function identityOf<T>(view: View<T>, format: OutputFormat): Identity<T> {
  const still = { now: new Date(0), paint: (_format: unknown, text: string) => text };
  const columns = shownColumns(view, format === 'wide').filter(({ clock }) => !clock);
  const whole = format === 'json' || format === 'yaml';
  return {
    key: (row) => (row as { readonly id?: string }).id ?? view.name(row),
    print: (row) => JSON.stringify(whole ? row : columns.map(({ cell }) => cell(row, still))),
  };
}

/** Prints rows as they come: one JSON object or YAML document each, or lines of one table whose columns stay where they are. */
export function rowPrinter<T>(io: Io, format: OutputFormat, view: View<T>): (rows: readonly T[]) => Promise<void> {
  const columns = shownColumns(view, format === 'wide');
  let widths: readonly number[] | null = null;
  const tableLines = (rows: readonly T[]): string[] => {
    const context = viewContext(io);
    const titles = columns.map(({ title }) => title);
    const cells = rows.map((row) => columns.map(({ cell }) => cell(row, context)));
    const lines = widths === null ? [titles, ...cells] : cells;
    widths ??= columnWidths(lines).map((width, column) => Math.max(width, columns[column]?.room ?? 0));
    return lines.map((line) => tableRow(line, widths ?? []));
  };
  const linesOf = async (rows: readonly T[]): Promise<string[]> => {
    if (format === 'json') return rows.map((row) => JSON.stringify(row));
    if (format === 'yaml') return Promise.all(rows.map(async (row) => `---\n${(await formatYaml(row)).trimEnd()}`));
    if (format === 'name') return rows.map((row) => view.name(row));
    return tableLines(rows);
  };
  return async (rows) => {
    if (rows.length === 0) return;
    io.stdout.write((await linesOf(rows)).map((line) => `${line}\n`).join(''));
  };
}

/** What is watched. */
export interface Watched<T> {
  /** Realtime room whose messages say that something may have changed. */
  readonly room: string;
  readonly view: View<T>;
  look(): Promise<readonly T[]>;
  /** A row that is not listed any more as it is now; a not-found error when it is no more. */
  find(key: string): Promise<T>;
  /** Nothing can change any more. */
  ended(rows: readonly T[]): boolean;
}

const LOOK_MS = { connected: 5000, alone: 1000 } as const;
/** Changes come in bursts, and reading a long list takes its time: the platform is left alone for as long as a look takes. */
const REST_MS = { least: 100, most: 2000 } as const;

/** A row that is not listed any more as it is now, null when it is no more; the row itself while nobody can say. */
async function asItIs<T>({ find }: Watched<T>, key: string, row: T): Promise<T | null> {
  try {
    return await find(key);
  } catch (error) {
    if (error instanceof CliError && error.exitCode === ExitCode.notFound) return null;
    if (isPassing(error)) return row;
    throw error;
  }
}

/** Prints the rows, then each row that changes, until `ended` or Ctrl-C (exit code 130). The platform may go away meanwhile. */
export async function watchRows<T>(io: Io, session: Session, format: OutputFormat, watched: Watched<T>): Promise<void> {
  const { view, ended } = watched;
  const identity = identityOf(view, format);
  const tracker = new RowTracker(identity);
  const print = rowPrinter(io, format, view);
  const tell = async (rows: readonly T[]): Promise<void> => {
    const { changed, left } = tracker.look(rows);
    for (const row of left) {
      const now = await asItIs(watched, identity.key(row), row);
      if (now === null) io.stderr.write(`${view.name(row)} is gone.\n`);
      else if (JSON.stringify(now) !== JSON.stringify(row)) changed.push(now);
    }
    await print(changed);
  };
  const first = await watched.look();
  if (first.length === 0) io.stderr.write(`${view.empty}\n`);
  await tell(first);
  if (ended(first)) return;
  const live = await openLive(session, watched.room);
  try {
    let restMs = 0;
    for (let away = false; ; ) {
      await live.next(live.connected ? LOOK_MS.connected : LOOK_MS.alone, session.signal);
      await sleep(restMs, undefined, { signal: session.signal }).catch(() => undefined);
      if (session.signal.aborted) throw interruptedError();
      const began = performance.now();
      const rows = await watched.look().catch((error: unknown) => {
        if (isPassing(error)) return null;
        throw error;
      });
      if (rows === null && !away) io.stderr.write('The platform does not answer; watching goes on.\n');
      away = rows === null;
      restMs = Math.min(REST_MS.most, Math.max(REST_MS.least, performance.now() - began));
      if (rows === null) continue;
      await tell(rows);
      if (ended(rows)) return;
    }
  } finally {
    live.close();
  }
}
