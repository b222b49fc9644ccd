import { appendFileSync, cpSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One thing that was done, answered or found; what else belongs to it stands beside it. Holds no secret. */
export interface JournalLine {
  readonly at: string;
  readonly what: string;
  readonly [more: string]: unknown;
}

/** Everything that a soak did, in order, so that a failure can be told: lines of JSON in a folder that outlives the run. */
export interface Journal {
  readonly folder: string;
  note(what: string, more?: Readonly<Record<string, unknown>>): void;
  /** The newest lines, as they stand in the file. */
  tail(count: number): readonly string[];
  /** Keeps what the platform logged beside it. */
  keepLogs(logs: string): void;
}

const KEPT = 500;

/** Begins a journal for this seed in a new folder below `parent`. */
export function openJournal(seed: number, parent: string = tmpdir()): Journal {
  const folder = join(parent, `clawloops-soak-${seed}-${process.pid}`);
  mkdirSync(folder, { mode: 0o700 });
  const file = join(folder, 'journal.ndjson');
  let newest: string[] = [];
  return {
    folder,
    note: (what, more = {}) => {
      const line: JournalLine = { at: new Date().toISOString(), what, ...more };
      const text = JSON.stringify(line);
      appendFileSync(file, `${text}\n`);
      newest = [...newest, text].slice(-KEPT);
    },
    tail: (count) => newest.slice(-count),
    keepLogs: (logs) => cpSync(logs, join(folder, 'logs'), { recursive: true }),
  };
}
