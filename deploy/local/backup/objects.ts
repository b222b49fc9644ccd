import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { Client } from 'minio';
import type { ArchiveEntry, ArchiveWriter } from './archive.ts';
import { BackupPart } from './manifest.ts';

/** An object store of the S3 API and one bucket of it. */
export interface StoreAddress {
  /** URL such as `http://127.0.0.1:8333`. */
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
}

const PREFIX = `${BackupPart.objects}/`;

function clientOf({ endpoint, accessKey, secretKey }: StoreAddress): Client {
  const url = new URL(endpoint);
  return new Client({ endPoint: url.hostname, port: Number(url.port), useSSL: url.protocol === 'https:', accessKey, secretKey, pathStyle: true });
}

/** Adds every object of the bucket under its key. One that is deleted meanwhile is left out. */
export async function copyObjects(archive: ArchiveWriter, store: StoreAddress): Promise<void> {
  const client = clientOf(store);
  if (!(await client.bucketExists(store.bucket))) return;
  for await (const item of client.listObjectsV2(store.bucket, '', true) as AsyncIterable<{ name?: string }>) {
    if (item.name === undefined) continue;
    const found = await client.getObject(store.bucket, item.name).catch((error: { code?: string }) => {
      if (error.code === 'NoSuchKey') return null;
      throw error;
    });
    if (found) await archive.file(`${PREFIX}${item.name}`, Number((found as IncomingMessage).headers['content-length']), found);
  }
}

/** Puts one entry of an archive back into the bucket; answers whether it was an object. */
export async function putObject(store: StoreAddress, { name, size, content }: ArchiveEntry): Promise<boolean> {
  if (!name.startsWith(PREFIX) || name.endsWith('/')) return false;
  await clientOf(store).putObject(store.bucket, name.slice(PREFIX.length), Readable.from(content), size);
  return true;
}

/** Makes the bucket where it is missing. */
export async function ensureBucket(store: StoreAddress): Promise<void> {
  const client = clientOf(store);
  if (!(await client.bucketExists(store.bucket))) await client.makeBucket(store.bucket);
}
