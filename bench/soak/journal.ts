import { appendFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One thing that was done, answered or found; what else belongs to it stands beside it. Holds no secret. */
export interface JournalLine {
  readonly at: string;
  readonly what: string;
  readonly [more: string]: unknown;
}

/** Everything that a soak did, in order, so that a failure can be told. Lines of JSON in a file that outlives the run. */
export interface Journal {
  readonly file: string;
  note(what: string, more?: Readonly<Record<string, unknown>>): void;
  /** The newest lines, as they stand in the file. */
  tail(count: number): readonly string[];
}

const KEPT = 500;

/** Begins an empty journal for this seed in the temporary folder. */
export function openJournal(seed: number, folder: string = tmpdir()): Journal {
  const file = join(folder, `clawloops-soak-${seed}-${process.pid}.ndjson`);
  writeFileSync(file, '', { mode: 0o600 });
  let newest: string[] = [];
  return {
    file,
    note: (what, more = {}) => {
      const line: JournalLine = { at: new Date().toISOString(), what, ...more };
      const text = JSON.stringify(line);
      appendFileSync(file, `${text}\n`);
      newest = [...newest, text].slice(-KEPT);
    },
    tail: (count) => newest.slice(-count),
  };
}
