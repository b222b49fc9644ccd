import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header, pack } from 'tar-stream';
import { compressorFor, contentOf, expanderFor, seal } from './envelope.ts';
import { type BackupManifest, MANIFEST_NAME, type PartDigest } from './manifest.ts';

/** A backup that is being written; entries follow one another. Names begin with their part: `postgres/base/1/1259`. */
export interface ArchiveWriter {
  folder(name: string): Promise<void>;
  /** `content` must be exactly `size` bytes. */
  file(name: string, size: number, content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;
  /** Adds the manifest and resolves when all of it is on the disk. */
  finish(about: Omit<BackupManifest, 'parts'>): Promise<BackupManifest>;
  /** Ends without a whole file. */
  abandon(): Promise<void>;
}

/** Running digest of every part, the same for writer and reader. */
class Digests {
  readonly #parts = new Map<string, { hash: Hash; files: number; bytes: number }>();

  begin(name: string, size: number): (chunk: Uint8Array) => void {
    const part = name.split('/')[0] ?? '';
    const digest = this.#parts.get(part) ?? { hash: createHash('sha256'), files: 0, bytes: 0 };
    this.#parts.set(part, digest);
    digest.hash.update(`${name}\0${size}\0`);
    digest.files += name.endsWith('/') ? 0 : 1;
    digest.bytes += size;
    return (chunk) => void digest.hash.update(chunk);
  }

  end(): Record<string, PartDigest> {
    return Object.fromEntries([...this.#parts].map(([name, { hash, files, bytes }]) => [name, { files, bytes, sha256: hash.digest('hex') }]));
  }
}

/** Begins an archive in `file`, which must not exist; its name's end says how it is compressed (of `namedLike` where that differs). */
export function writeArchive(file: string, { namedLike, passphrase }: { readonly namedLike: string; readonly passphrase: string | null }): ArchiveWriter {
  const digests = new Digests();
  const tar = pack();
  const compressor = compressorFor(namedLike);
  const target = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true });
  const written = passphrase === null ? pipeline(tar, compressor, target) : pipeline(tar, compressor, (source) => seal(source, passphrase), target);
  written.catch(() => undefined);
  const add = async (header: { name: string; size: number; mode: number; type?: 'directory' }, content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) => {
    const update = digests.begin(header.name, header.size);
    const entry = tar.entry({ ...header, mtime: new Date() });
    const source = async function* () {
      for await (const chunk of content) {
        update(chunk);
        yield chunk;
      }
    };
    // A full disk ends the pipeline, not the entry: without the race nobody would ever take what is written here.
    await Promise.race([pipeline(Readable.from(source()), entry), written]);
  };
  return {
    folder: (name) => add({ name: `${name}/`, size: 0, mode: 0o700, type: 'directory' }, []),
    file: (name, size, content) => add({ name, size, mode: 0o600 }, content),
    finish: async (about) => {
      const manifest: BackupManifest = { ...about, parts: digests.end() };
      tar.entry({ name: MANIFEST_NAME, mode: 0o600 }, `${JSON.stringify(manifest, null, 2)}\n`);
      tar.finalize();
      await written;
      return manifest;
    },
    abandon: async () => {
      tar.destroy(new Error('abandoned'));
      await written.catch(() => undefined);
    },
  };
}

/** One entry of an archive; `content` must be read or skipped before the next one comes. Folders end with a slash. */
export interface ArchiveEntry {
  readonly name: string;
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Reads an archive from its beginning. Throws when it is no backup, damaged, cut off or sealed with another passphrase. */
export async function* readArchive(file: string, passphrase: string | null): AsyncGenerator<ArchiveEntry> {
  const source = contentOf(file, passphrase);
  const first = await source.next();
  if (first.done) throw new Error(`${file} is empty.`);
  const all = async function* () {
    yield first.value;
    yield* source;
  };
  const tar = extract();
  const reading = pipeline(Readable.from(all()), expanderFor(first.value), tar);
  reading.catch((error: Error) => tar.destroy(error));
  try {
    for await (const entry of tar) {
      const { name, size = 0, type } = entry.header as Header;
      yield { name: type === 'directory' && !name.endsWith('/') ? `${name}/` : name, size, content: whole(entry as AsyncIterable<Uint8Array>, file) };
      entry.resume();
    }
    await reading;
  } catch (error) {
    throw asNotWhole(error, file);
  }
}

/** The content of an entry, whose end may be missing too. */
async function* whole(content: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    throw asNotWhole(error, file);
  }
}

function asNotWhole(error: unknown, file: string): Error {
  const { message } = error as Error;
  return message.includes(file) ? (error as Error) : new Error(`${file} is not a whole backup of ClawLoops: ${message}.`);
}

/** Reads all of an archive and compares every part with the manifest. Throws when anything differs. */
export async function verifyArchive(file: string, passphrase: string | null): Promise<BackupManifest> {
  const digests = new Digests();
  let manifest: BackupManifest | null = null;
  for await (const { name, size, content } of readArchive(file, passphrase)) {
    if (name === MANIFEST_NAME) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      manifest = JSON.parse(Buffer.concat(chunks).toString('utf8')) as BackupManifest;
      continue;
    }
    const update = digests.begin(name, size);
    for await (const chunk of content) update(chunk);
  }
  if (manifest === null) throw new Error(`${file} is not a whole backup of ClawLoops: its manifest is missing.`);
  if (manifest.format !== 1) throw new Error(`${file} was made by a newer version of ClawLoops. Restore it with that version.`);
  const found = digests.end();
  for (const name of new Set([...Object.keys(found), ...Object.keys(manifest.parts)])) {
    if (found[name]?.sha256 !== manifest.parts[name]?.sha256) throw new Error(`${file} is damaged: its part "${name}" is not what was written.`);
  }
  return manifest;
}
