import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import express, { type Router } from 'express';
import type pg from 'pg';
import type { ObjectStore } from '../../activities/clients/object-store/object-store.ts';
import { newId, secretHash } from '../../activities/platform/ids.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { LOG_PIECE_BYTES_MAX, LOG_PIECE_PATH, type LogPiece, readLogPieceHeaders } from '../../workflows/contracts/log-piece.ts';
import { findHost } from './host-presence.ts';

export interface LogIntakeDeps {
  /** Role clawloops_system. */
  readonly systemPool: pg.Pool;
  readonly objectStore: ObjectStore;
}

/**
 * Takes pieces of logs from bridges into the archive. Answers 200 when a piece is stored, also when it was before; 404 when its
 * claw is not of this host or its data was wiped, so that nobody will ever want it; anything else means: send it again later.
 */
export function logIntake({ systemPool: pool, objectStore }: LogIntakeDeps): Router {
  const router = express.Router();
  router.put(`${LOG_PIECE_PATH}/:instanceId`, async (request, response) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const host = token === undefined ? null : await findHost(pool, secretHash(token));
    if (!host) throw new Failure('UNAUTHENTICATED', 'The host token is not valid.');
    const piece = readLogPieceHeaders((name) => request.get(name));
    if (!piece) throw new Failure('MALFORMED_REQUEST', 'The headers do not tell of a piece of a log.');
    await takePiece(pool, objectStore, { hostId: host.id, instanceId: request.params.instanceId, piece }, request);
    response.json({ stored: true });
  });
  return router;
}

interface Offer {
  readonly hostId: string;
  readonly instanceId: string;
  readonly piece: LogPiece;
}

async function takePiece(pool: pg.Pool, store: ObjectStore, { hostId, instanceId, piece }: Offer, content: Readable): Promise<void> {
  const { tenantId, stored } = await whoseIsIt(pool, hostId, instanceId, piece);
  if (stored) return void content.resume();
  const folder = await mkdtemp(path.join(tmpdir(), 'clawloops-log-'));
  try {
    const file = path.join(folder, 'piece.gz');
    const bytes = await receive(content, file, piece.sha256);
    const { rawBytes, lines } = await look(file);
    const key = `tenants/${tenantId}/instances/${instanceId}/logs/${compact(piece.from)}-${compact(piece.to)}.log.gz`;
    const { rows } = await pool.query<{ id: string }>(
      `INSERT INTO log_archive (id, tenant_id, instance_id, from_at, to_at, bytes, raw_bytes, lines, sha256, object_key)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (instance_id, from_at) DO UPDATE SET to_at = excluded.to_at, bytes = excluded.bytes, raw_bytes = excluded.raw_bytes,
         lines = excluded.lines, sha256 = excluded.sha256, object_key = excluded.object_key WHERE log_archive.stored_at IS NULL
       RETURNING id`,
      [newId(IdPrefix.logArchive), tenantId, instanceId, new Date(piece.from), new Date(piece.to), bytes, rawBytes, lines, piece.sha256, key],
    );
    // Sent twice at once, and the other one was faster.
    if (!rows[0]) return;
    await store.put(key, createReadStream(file), bytes, 'application/gzip');
    await pool.query('UPDATE log_archive SET stored_at = now() WHERE id = $1', [rows[0].id]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function whoseIsIt(pool: pg.Pool, hostId: string, instanceId: string, { from }: LogPiece): Promise<{ tenantId: string; stored: boolean }> {
  const { rows } = await pool.query<{ tenant_id: string; stored: boolean }>(
    `SELECT i.tenant_id, EXISTS (SELECT 1 FROM log_archive a WHERE a.instance_id = i.id AND a.from_at = $3 AND a.stored_at IS NOT NULL) AS stored
     FROM instance i WHERE i.id = $1 AND i.host_id = $2 AND NOT (i.destroyed_at IS NOT NULL AND EXISTS
       (SELECT 1 FROM operation o WHERE o.instance_id = i.id AND o.kind = 'destroy' AND o.params->>'retention' = 'wipe'))`,
    [instanceId, hostId, new Date(from)],
  );
  if (!rows[0]) throw new Failure('NOT_FOUND', 'No claw of this host keeps a log under this id.');
  return { tenantId: rows[0].tenant_id, stored: rows[0].stored };
}

/** Keeps the bytes beside us until they are known to be whole. */
async function receive(content: Readable, file: string, sha256: string): Promise<number> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    content,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > LOG_PIECE_BYTES_MAX) throw new Failure('PAYLOAD_TOO_LARGE', 'The piece is too long.');
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file, { mode: 0o600 }),
  );
  if (hash.digest('hex') !== sha256) throw new Failure('MALFORMED_REQUEST', 'The piece did not arrive as it was sent.');
  return bytes;
}

const NEWLINE = 10;

/** A bridge may run on a machine that is not ours: what it sends is unpacked once before it is kept. */
async function look(file: string): Promise<{ rawBytes: number; lines: number }> {
  let rawBytes = 0;
  let lines = 0;
  let last = NEWLINE;
  const counter = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      rawBytes += chunk.length;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
      last = chunk.at(-1) ?? last;
      done(rawBytes > LOG_PIECE_BYTES_MAX ? new Failure('PAYLOAD_TOO_LARGE', 'The piece is too long.') : null);
    },
  });
  try {
    await pipeline(createReadStream(file), createGunzip(), counter);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('MALFORMED_REQUEST', 'The piece is not packed with gzip.');
  }
  return { rawBytes, lines: last === NEWLINE ? lines : lines + 1 };
}

/** A time that is also a good file name, e.g. `20261121T120000000Z`. */
function compact(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/[-:.]/g, '');
}
