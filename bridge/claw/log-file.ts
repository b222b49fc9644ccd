import { closeSync, constants, existsSync, fchownSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { volumeUnavailable } from './failure.ts';

const TAIL_BYTES_MAX = 4 * 1024 * 1024;

/** Opens the log for appending; it lies in a folder of the daemon, so the claw cannot replace it. The caller closes it. */
export function openLog(file: string, ownerId: number | null): number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
  try {
    const descriptor = openSync(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
    if (!fstatSync(descriptor).isFile()) throw new Error('it is not a regular file');
    if (ownerId !== null) fchownSync(descriptor, ownerId, ownerId);
    return descriptor;
  } catch (error) {
    throw volumeUnavailable(file, (error as NodeJS.ErrnoException).code ?? (error as Error).message);
  }
}

/** Where reading a log goes on: after this many bytes of the file that `<file>.1` follows. */
export interface LogPosition {
  offset: number;
  /** Which copy was the newest; another one there means that the log was rotated since. */
  copy: string | null;
}

/** The last lines, also from before rotations, and the position after them. */
export function tailLog(file: string, lines: number): { content: Buffer; position: LogPosition } {
  const present = readRange(file, 0, Number.MAX_SAFE_INTEGER, TAIL_BYTES_MAX);
  const position = { offset: present.end, copy: newestCopy(file) };
  let content = present.content;
  for (let index = 1; countLines(content) < lines && content.length < TAIL_BYTES_MAX && existsSync(`${file}.${index}`); index += 1) {
    content = Buffer.concat([readRange(`${file}.${index}`, 0, Number.MAX_SAFE_INTEGER, TAIL_BYTES_MAX).content, content]);
  }
  return { content: lastLines(content, lines), position };
}

/** What was written since; follows the log across one rotation. Advances the position. */
export function readSince(file: string, position: LogPosition, maxBytes: number): Buffer {
  const copy = newestCopy(file);
  if (copy === position.copy) return advance(file, position, maxBytes);
  const rest = readRange(`${file}.1`, position.offset, position.offset + maxBytes, maxBytes).content;
  if (rest.length > 0) {
    position.offset += rest.length;
    return rest;
  }
  position.offset = 0;
  position.copy = copy;
  return advance(file, position, maxBytes);
}

function newestCopy(file: string): string | null {
  const status = statSync(`${file}.1`, { throwIfNoEntry: false, bigint: true });
  return status ? `${status.ino}:${status.birthtimeNs}` : null;
}

function advance(file: string, position: LogPosition, maxBytes: number): Buffer {
  const { content } = readRange(file, position.offset, position.offset + maxBytes, maxBytes);
  position.offset += content.length;
  return content;
}

/** What the log holds now, its later part when it is longer than `maxBytes`. */
export function readLog(file: string, maxBytes: number): Buffer {
  return readRange(file, 0, Number.MAX_SAFE_INTEGER, maxBytes).content;
}

/** At most `maxBytes` up to `to`, the later part when there is more. */
function readRange(file: string, from: number, to: number, maxBytes: number): { content: Buffer; end: number } {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return { content: Buffer.alloc(0), end: 0 };
  }
  try {
    const end = Math.min(to, fstatSync(descriptor).size);
    const start = Math.max(from, end - maxBytes);
    const buffer = Buffer.alloc(Math.max(0, end - start));
    const length = readSync(descriptor, buffer, 0, buffer.length, start);
    return { content: buffer.subarray(0, length), end: start + length };
  } finally {
    closeSync(descriptor);
  }
}

const NEWLINE = 10;

function countLines(content: Buffer): number {
  let count = 0;
  for (const byte of content) if (byte === NEWLINE) count += 1;
  return count;
}

function lastLines(content: Buffer, lines: number): Buffer {
  if (lines <= 0) return Buffer.alloc(0);
  let found = 0;
  // The newline that ends the last line begins no further one.
  for (let index = content.length - 2; index >= 0; index -= 1) {
    if (content[index] === NEWLINE) found += 1;
    if (found === lines) return content.subarray(index + 1);
  }
  return content;
}
