import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { readJsonFile, writeJsonFile } from '../files/json-file.ts';
import type { Log } from '../log.ts';
import { withoutSecrets } from './hide-secrets.ts';
import type { PieceTimes } from './rotation.ts';

/** A piece of a log that is packed and waits for the archive. */
export interface PackedPiece extends PieceTimes {
  readonly instanceId: string;
  readonly file: string;
  /** Size of the file. */
  readonly bytes: number;
  /** Of the file, in hex. */
  readonly sha256: string;
}

/** Pieces of logs on their way to the archive; they stay on disk until it has them. */
export interface LogSpool {
  /** Takes a copy of a log by a second name; the same piece twice is one piece. */
  keep(instanceId: string, copy: string, times: PieceTimes): void;
  /** Every waiting piece, packed, oldest first; of one instance when it is named. */
  pieces(instanceId?: string): Promise<PackedPiece[]>;
  /** Opens packed pieces of an instance, newest first; they can be read although the archive takes them meanwhile. The caller closes them. */
  open(instanceId: string, most: number): Promise<readonly (PackedPiece & { readonly handle: FileHandle })[]>;
  /** The archive has it, or does not want it. */
  drop(piece: PackedPiece): void;
  /** Forgets every piece of an instance. */
  discard(instanceId: string): void;
}

export interface SpoolOptions {
  readonly folder: string;
  /** Of what waits; beyond it the oldest pieces are given up. */
  readonly maxBytes: number;
  readonly log: Log;
  /** Values that may not leave the machine in the log of this instance. */
  secretsOf(instanceId: string): readonly string[];
}

const NAME = /^(\d{1,15})-(\d{1,15})\.log(\.gz)?$/;

/** Opens the folder, with what a former daemon left. */
export function openLogSpool({ folder, maxBytes, log, secretsOf }: SpoolOptions): LogSpool {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let packing: Promise<unknown> = Promise.resolve();
  const folderOf = (instanceId: string): string => path.join(folder, instanceId);

  /** One at a time, so that nothing is packed twice. */
  const packAll = (instanceId?: string): Promise<void> => {
    const work = async (): Promise<void> => {
      makeRoom(folder, maxBytes, log);
      for (const id of instanceId === undefined ? namesIn(folder) : [instanceId])
        for (const name of namesIn(folderOf(id))) if (NAME.exec(name) && name.endsWith('.log')) await pack(path.join(folderOf(id), name), secretsOf(id));
    };
    const done = packing.then(work, work);
    packing = done.catch(() => undefined);
    return done;
  };

  const pieces = async (instanceId?: string): Promise<PackedPiece[]> => {
    await packAll(instanceId);
    return (instanceId === undefined ? namesIn(folder) : [instanceId])
      .flatMap((id) => namesIn(folderOf(id)).flatMap((name) => readPiece(folderOf(id), id, name) ?? []))
      .sort((a, b) => a.from - b.from);
  };

  return {
    keep: (instanceId, copy, { from, to }) => {
      mkdirSync(folderOf(instanceId), { recursive: true, mode: 0o700 });
      const file = path.join(folderOf(instanceId), `${from}-${to}.log`);
      if (!existsSync(file) && !existsSync(`${file}.gz`)) linkSync(copy, file);
    },
    pieces,
    open: async (instanceId, most) => {
      const newest = (await pieces(instanceId)).reverse().slice(0, most);
      const opened = await Promise.all(newest.map(async (piece) => ({ ...piece, handle: await open(piece.file).catch(() => null) })));
      return opened.flatMap((piece) => (piece.handle ? [{ ...piece, handle: piece.handle }] : []));
    },
    drop: ({ file }) => {
      for (const suffix of ['', '.json']) rmSync(`${file}${suffix}`, { force: true });
    },
    discard: (instanceId) => rmSync(folderOf(instanceId), { recursive: true, force: true }),
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

/** Packs a copy; before the packed file has its name, what is told of it is on disk. */
async function pack(file: string, secrets: readonly string[]): Promise<void> {
  const packed = `${file}.gz`;
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const target = createWriteStream(`${packed}.part`, { mode: 0o600, flush: true });
  await pipeline(createReadStream(file), (source: AsyncIterable<Buffer>) => withoutSecrets(source, secrets), createGzip(), meter, target);
  writeJsonFile(`${packed}.json`, { bytes, sha256: hash.digest('hex') });
  renameSync(`${packed}.part`, packed);
  rmSync(file, { force: true });
}

function readPiece(folder: string, instanceId: string, name: string): PackedPiece | null {
  const [, from, to, suffix] = NAME.exec(name) ?? [];
  const file = path.join(folder, name);
  const known = suffix ? readJsonFile<Pick<PackedPiece, 'bytes' | 'sha256'>>(`${file}.json`) : null;
  return known && { ...known, instanceId, file, from: Number(from), to: Number(to) };
}

/** Gives up the oldest pieces while all together are more than the limit. */
function makeRoom(folder: string, maxBytes: number, log: Log): void {
  const all = namesIn(folder).flatMap((id) =>
    namesIn(path.join(folder, id)).flatMap((name) => {
      const from = NAME.exec(name)?.[1];
      const bytes = statSync(path.join(folder, id, name), { throwIfNoEntry: false })?.size ?? 0;
      return from === undefined ? [] : [{ id, name, from: Number(from), bytes }];
    }),
  );
  let total = all.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { id, name, bytes } of all.sort((a, b) => a.from - b.from)) {
    if (total <= maxBytes) return;
    total -= bytes;
    for (const suffix of ['', '.json']) rmSync(path.join(folder, id, `${name}${suffix}`), { force: true });
    log.error({ instanceId: id, piece: name, bytes, maxBytes }, 'the archive was away for too long: the oldest waiting piece of a log was given up');
  }
}
