import { createCipheriv, createDecipheriv, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Duplex, PassThrough } from 'node:stream';
import { createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';

/** How an archive is made smaller, by the end of its name. */
const COMPRESSORS: readonly { readonly ends: string; readonly magic: string; readonly pack: () => Duplex; readonly unpack: () => Duplex }[] = [
  { ends: '.tar.zst', magic: '28b52ffd', pack: () => createZstdCompress(), unpack: () => createZstdDecompress() },
  { ends: '.tar.gz', magic: '1f8b', pack: () => createGzip({ level: 3 }), unpack: () => createGunzip() },
];

/** Endings of a file name that `backup --to` takes. */
export const ARCHIVE_ENDINGS: readonly string[] = [...COMPRESSORS.map(({ ends }) => ends), '.tar'];

/** The stream that compresses for a file of this name. */
export function compressorFor(file: string): Duplex {
  return COMPRESSORS.find(({ ends }) => file.endsWith(ends))?.pack() ?? new PassThrough();
}

/** The stream that expands what begins with these bytes. */
export function expanderFor(head: Uint8Array): Duplex {
  const hex = Buffer.from(head).toString('hex');
  return COMPRESSORS.find(({ magic }) => hex.startsWith(magic))?.unpack() ?? new PassThrough();
}

const MAGIC = Buffer.from('CLAWLOOPS-SEALED-1\n');
const SALT_BYTES = 16;
const CHECK_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = MAGIC.length + SALT_BYTES + CHECK_BYTES + IV_BYTES;

/** Key and a value that tells a wrong passphrase from a damaged file. */
function derive(passphrase: string, salt: Uint8Array): { readonly key: Buffer; readonly check: Buffer } {
  const derived = scryptSync(passphrase, salt, 32 + CHECK_BYTES, { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 2 ** 20 });
  return { key: derived.subarray(0, 32), check: derived.subarray(32) };
}

/** AES-256-GCM under a key made of the passphrase by scrypt: head, what is sealed, 16 bytes that prove both. At most 64 GiB. */
export async function* seal(source: AsyncIterable<Uint8Array>, passphrase: string): AsyncGenerator<Uint8Array> {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const { key, check } = derive(passphrase, salt);
  const head = Buffer.concat([MAGIC, salt, check, iv]);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(head);
  yield head;
  for await (const chunk of source) yield cipher.update(chunk);
  yield cipher.final();
  yield cipher.getAuthTag();
}

/** Whether a file is sealed with a passphrase. */
export async function isSealed(file: string): Promise<boolean> {
  return (await readHead(file, MAGIC.length)).equals(MAGIC);
}

/** First bytes of a file, fewer when it is shorter. */
async function readHead(file: string, length: number): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * What is in a file, opened where it is sealed. Throws when the passphrase is missing or wrong, and at the end when a byte was changed:
 * what came before may be believed only then.
 */
export async function* contentOf(file: string, passphrase: string | null): AsyncGenerator<Uint8Array> {
  if (!(await isSealed(file))) {
    yield* createReadStream(file);
    return;
  }
  if (passphrase === null) throw new Error(`${file} is sealed with a passphrase. Give it with --passphrase-stdin.`);
  const head = await readHead(file, HEAD_BYTES);
  const salt = head.subarray(MAGIC.length, MAGIC.length + SALT_BYTES);
  const { key, check } = derive(passphrase, salt);
  const wanted = head.subarray(MAGIC.length + SALT_BYTES, MAGIC.length + SALT_BYTES + CHECK_BYTES);
  if (head.length < HEAD_BYTES || !timingSafeEqual(wanted, check)) throw new Error(`This is not the passphrase of ${file}.`);
  const decipher = createDecipheriv('aes-256-gcm', key, head.subarray(-IV_BYTES), { authTagLength: TAG_BYTES }).setAAD(head);
  let tail = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { start: HEAD_BYTES })) {
    const known = Buffer.concat([tail, chunk as Buffer]);
    const end = Math.max(0, known.length - TAG_BYTES);
    tail = known.subarray(end);
    if (end > 0) yield decipher.update(known.subarray(0, end));
  }
  decipher.setAuthTag(tail);
  yield decipher.final();
}

/** The passphrase that was given on standard input, without its line break. Throws when it is empty. */
export function readPassphrase(): string {
  const passphrase = readFileSync(0, 'utf8').replace(/\r?\n$/, '');
  if (passphrase === '') throw new Error('The passphrase on standard input is empty.');
  return passphrase;
}
