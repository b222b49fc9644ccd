import type { Readable } from 'node:stream';
import { Client } from 'minio';
import { Failure } from '../../../workflows/contracts/failures.ts';
import { inTime } from '../../platform/in-time.ts';

/** Any server that speaks the S3 API. */
export interface ObjectStore {
  /** Makes the bucket unless it is there; repeatable. Throws STORAGE_UNAVAILABLE. */
  ensureBucket(): Promise<void>;
  /** Milliseconds until the store said that the bucket is there. Throws STORAGE_UNAVAILABLE. */
  ping(): Promise<number>;
  /** Stores an object of `bytes` bytes, over one that has the key. Throws STORAGE_UNAVAILABLE. */
  put(key: string, content: Readable, bytes: number, contentType: string): Promise<void>;
  /** Opens an object. Throws NOT_FOUND when there is none, STORAGE_UNAVAILABLE. */
  get(key: string): Promise<Readable>;
  /** Removes an object, also one that is not there. Throws STORAGE_UNAVAILABLE. */
  remove(key: string): Promise<void>;
}

export interface ObjectStoreOptions {
  /** URL such as `http://127.0.0.1:8333`. */
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  readonly timeoutMs?: number;
}

/** What a whole object may take to be stored. */
const TRANSFER_MS = 60_000;

export function createObjectStore({ endpoint, accessKey, secretKey, bucket, timeoutMs = 5000 }: ObjectStoreOptions): ObjectStore {
  const url = new URL(endpoint);
  const useSSL = url.protocol === 'https:';
  const client = new Client({ endPoint: url.hostname, port: Number(url.port) || (useSSL ? 443 : 80), useSSL, accessKey, secretKey, pathStyle: true });
  const bucketExists = () => answer(client.bucketExists(bucket), timeoutMs);
  return {
    ensureBucket: async () => {
      if (await bucketExists()) return;
      await answer(client.makeBucket(bucket), timeoutMs).catch(async (error: unknown) => {
        // Somebody else made it in the same moment.
        if (!(await bucketExists())) throw error;
      });
    },
    ping: async () => {
      const started = performance.now();
      if (!(await bucketExists())) throw new Failure('STORAGE_UNAVAILABLE', 'The bucket is not there.');
      return Math.round(performance.now() - started);
    },
    put: async (key, content, bytes, contentType) => {
      await answer(client.putObject(bucket, key, content, bytes, { 'content-type': contentType }), TRANSFER_MS);
    },
    get: async (key) => {
      try {
        return await inTime(client.getObject(bucket, key), timeoutMs, () => new Error('no answer in time'));
      } catch (error) {
        if ((error as { code?: string }).code === 'NoSuchKey') throw new Failure('NOT_FOUND', 'The object is not there any more.');
        throw unavailable(error);
      }
    },
    remove: (key) => answer(client.removeObject(bucket, key), timeoutMs),
  };
}

/** The client's own retries may take minutes; nobody waits that long for a health answer. */
async function answer<T>(call: Promise<T>, timeoutMs: number): Promise<T> {
  try {
    return await inTime(call, timeoutMs, () => new Error('no answer in time'));
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(error: unknown): Failure {
  return new Failure('STORAGE_UNAVAILABLE', `The object store does not answer: ${(error as { code?: string }).code ?? (error as Error).message}.`);
}
