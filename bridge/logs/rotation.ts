import { chownSync, closeSync, constants, existsSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { readJsonFile, writeJsonFile } from '../files/json-file.ts';

/** Beyond this many copies or bytes the oldest copies on the host go; the archive has them. */
const KEPT = 24;
const KEPT_BYTES = 50 * 1024 * 1024;
/** A claw owns its log and can make it as long as it likes, without writing as much: more than this is not copied. */
const COPY_BYTES_MAX = 64 * 1024 * 1024;
const COPY_STEP_BYTES = 1024 * 1024;

/** When a log is rotated. */
export interface RotationRules {
  /** Size after which it is, whatever its age. */
  readonly limitBytes: number;
  /** Age of its beginning after which it is when anything was written. */
  readonly maxAgeMilliseconds: number;
}

/** What was written between two moments, in milliseconds since the epoch. A piece begins where the one before ended. */
export interface PieceTimes {
  readonly from: number;
  readonly to: number;
}

/** What is written down before the log is emptied: the copy is whole, and which part of the log it is. */
interface Rotation extends PieceTimes {
  readonly start: number;
  readonly bytes: number;
}

/** Takes a whole copy into keeping. May be called twice with the same piece after the daemon was killed. */
export type KeepPiece = (copy: string, times: PieceTimes) => void;

/** Since when the present log is written, in milliseconds since the epoch. */
export function logSince(file: string): number {
  const known = readJsonFile<{ since: number }>(sinceFile(file))?.since;
  if (known !== undefined) return known;
  const status = statSync(file, { throwIfNoEntry: false });
  return status ? Math.floor(status.birthtimeMs || status.mtimeMs) : 0;
}

/**
 * Copies a log that is due to `<file>.1`, hands the copy to `keep` and empties the log; the claw goes on writing to the same open
 * file. Killed at any moment it is finished or begun anew by the next call, so that every line is in one piece. Answers whether it
 * was due.
 */
export function rotateLog(file: string, ownerId: number | null, rules: RotationRules, keep: KeepPiece, now: number): boolean {
  settleRotation(file, ownerId, keep);
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const from = logSince(file);
  if (size === 0 || (size < rules.limitBytes && now - from < rules.maxAgeMilliseconds)) return false;
  const { start, bytes } = copyLog(file, nextFile(file));
  writeJsonFile(rotationFile(file), { start, bytes, from, to: Math.max(now, from + 1) } satisfies Rotation);
  // What was written while the journal was is copied too: only then nothing is between the copy and the empty log.
  appendRest(file, nextFile(file), start + bytes);
  truncateSync(file, 0);
  finish(file, ownerId, keep);
  return true;
}

/** Ends what a killed daemon began. */
function settleRotation(file: string, ownerId: number | null, keep: KeepPiece): void {
  const begun = readJsonFile<Rotation>(rotationFile(file));
  if (begun && existsSync(nextFile(file)) && isStillThere(file, begun)) rmSync(rotationFile(file));
  else if (begun) finish(file, ownerId, keep);
  rmSync(nextFile(file), { force: true });
}

function finish(file: string, ownerId: number | null, keep: KeepPiece): void {
  const { from, to } = readJsonFile<Rotation>(rotationFile(file)) as Rotation;
  const next = nextFile(file);
  if (existsSync(next)) {
    keep(next, { from, to });
    for (let index = KEPT; index >= 1; index -= 1) if (existsSync(`${file}.${index}`)) renameSync(`${file}.${index}`, `${file}.${index + 1}`);
    if (ownerId !== null) chownSync(next, ownerId, ownerId);
    renameSync(next, `${file}.1`);
    dropOldCopies(file);
  }
  writeJsonFile(sinceFile(file), { since: to });
  rmSync(rotationFile(file));
}

function dropOldCopies(file: string): void {
  let bytes = 0;
  for (let index = 1; index <= KEPT + 1; index += 1) {
    bytes += statSync(`${file}.${index}`, { throwIfNoEntry: false })?.size ?? 0;
    if (index > 1 && (index > KEPT || bytes > KEPT_BYTES)) rmSync(`${file}.${index}`, { force: true });
  }
}

/** Whether the log was not emptied since it was copied. */
function isStillThere(file: string, { start, bytes }: Rotation): boolean {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < start + bytes) return false;
  const [log, copy] = [openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW), openSync(nextFile(file), constants.O_RDONLY)];
  try {
    const [left, right] = [Buffer.alloc(COPY_STEP_BYTES), Buffer.alloc(COPY_STEP_BYTES)];
    for (let at = 0; at < bytes; at += COPY_STEP_BYTES) {
      const length = Math.min(COPY_STEP_BYTES, bytes - at);
      readSync(log, left, 0, length, start + at);
      readSync(copy, right, 0, length, at);
      if (left.compare(right, 0, length, 0, length) !== 0) return false;
    }
    return true;
  } finally {
    closeSync(log);
    closeSync(copy);
  }
}

/** Copies the end of a log, all of it as long as it is no longer than it should be. */
function copyLog(file: string, copy: string): { start: number; bytes: number } {
  const start = Math.max(0, statSync(file).size - COPY_BYTES_MAX);
  rmSync(copy, { force: true });
  closeSync(openSync(copy, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600));
  return { start, bytes: appendRest(file, copy, start) };
}

/** Appends what the log has from `position` on; answers how much that was. */
function appendRest(file: string, copy: string, position: number): number {
  const source = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  const target = openSync(copy, constants.O_WRONLY | constants.O_APPEND);
  const buffer = Buffer.alloc(COPY_STEP_BYTES);
  let copied = 0;
  try {
    // A claw that writes faster than this is copied would never end it.
    while (copied < 2 * COPY_BYTES_MAX) {
      const length = readSync(source, buffer, 0, buffer.length, position + copied);
      if (length === 0) break;
      writeSync(target, buffer, 0, length);
      copied += length;
    }
    if (copied > 0) fsyncSync(target);
    return copied;
  } finally {
    closeSync(source);
    closeSync(target);
  }
}

const nextFile = (file: string): string => `${file}.next`;
const rotationFile = (file: string): string => `${file}.rotation.json`;
const sinceFile = (file: string): string => `${file}.since.json`;
