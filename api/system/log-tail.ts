import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { redactLogLine } from '../../workflows/contracts/redaction.ts';

/** End of one log, without what may not leave the machine. */
export interface LogTail {
  /** `<part>.log` */
  readonly name: string;
  readonly text: string;
  readonly lines: number;
  /** Lines that repeat what people or claws wrote. */
  readonly leftOut: number;
}

const TAIL_BYTES = 512 * 1024;
const TAIL_LINES = 2_000;

/** The ends of the logs in a folder, newest files only; empty where there is no such folder. */
export function tailLogs(folder: string): LogTail[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^[a-z-]+\.log$/.test(name));
  return names.sort().map((name) => tail(folder, name));
}

function tail(folder: string, name: string): LogTail {
  const lines = lastLines(join(folder, name));
  const kept = lines.map(redactLogLine).filter((line) => line !== null);
  return { name, text: kept.map((line) => `${line}\n`).join(''), lines: kept.length, leftOut: lines.length - kept.length };
}

function lastLines(file: string): string[] {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    const lines = buffer.toString('utf8').split('\n');
    // The first one may have been cut, and a half of a secret has no form by which it could be known.
    if (size > buffer.length) lines.shift();
    return lines.filter((line) => line !== '').slice(-TAIL_LINES);
  } finally {
    closeSync(descriptor);
  }
}
