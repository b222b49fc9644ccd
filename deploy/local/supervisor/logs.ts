import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync } from 'node:fs';

const keptLogs = 3;

/** Moves `<file>` to `<file>.1`, `.1` to `.2` and so on, so that a start begins with an empty log. */
export function rotateLog(file: string): void {
  if (!existsSync(file)) return;
  for (let index = keptLogs - 1; index >= 1; index--) {
    if (existsSync(`${file}.${index}`)) renameSync(`${file}.${index}`, `${file}.${index + 1}`);
  }
  renameSync(file, `${file}.1`);
}

/** Last lines of a log, at most `lines` and 16 KiB; empty when there is none. */
export function tailLog(file: string, lines: number): string {
  if (!existsSync(file)) return '';
  const descriptor = openSync(file, 'r');
  try {
    const size = fstatSync(descriptor).size;
    const buffer = Buffer.alloc(Math.min(size, 16_384));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    closeSync(descriptor);
  }
}
