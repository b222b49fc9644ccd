import { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import type pg from 'pg';
import type { ObjectStore } from '../../activities/clients/object-store/object-store.ts';
import type { HostLink } from '../../activities/runtime/host/host-link.ts';
import type { WaitingPieces } from '../../workflows/contracts/bridge-protocol.ts';
import { isFailure } from '../../workflows/contracts/failures.ts';
import { LOG_PIECE_BYTES_MAX } from '../../workflows/contracts/log-piece.ts';
import type { LogSource } from './log-search.ts';

const NEWLINE = 10;
/** What waits on a host is read into memory; more of it is searched once the archive has it. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
const SOURCES_MAX = 5_000;

/** What a host has of the log of a claw that the archive has not; null when the host is not connected or knows no such claw. */
export async function waitingSources(link: HostLink, hostId: string, instanceId: string): Promise<LogSource[] | null> {
  try {
    const stream = await link.open(hostId, { kind: 'log-pieces', instanceId });
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > WAITING_BYTES_MAX) break;
      }
    } finally {
      stream.destroy();
    }
    return splitPieces(Buffer.concat(chunks));
  } catch (error) {
    if (isFailure(error) || (error as Error).message === 'the connection of the host was lost') return null;
    throw error;
  }
}

function splitPieces(content: Buffer): LogSource[] {
  const start = content.indexOf(NEWLINE) + 1;
  const header = JSON.parse(content.toString('utf8', 0, start) || '[]') as WaitingPieces;
  let position = start;
  return header.flatMap(({ from, to, bytes }) => {
    const piece = content.subarray(position, position + bytes);
    position += bytes;
    if (piece.length < bytes) return [];
    const text = () => (to === null ? piece : gunzipSync(piece, { maxOutputLength: LOG_PIECE_BYTES_MAX }));
    return [{ from, to, archiveId: null, read: async () => Readable.from([text()]) }];
  });
}

/** The archived pieces of an instance, newest first, as the tenant as which `sql` runs sees them. */
export async function archivedSources(sql: pg.ClientBase, store: ObjectStore, instanceId: string): Promise<LogSource[]> {
  const { rows } = await sql.query<{ id: string; from_at: Date; to_at: Date; object_key: string }>(
    'SELECT id, from_at, to_at, object_key FROM log_archive WHERE instance_id = $1 AND stored_at IS NOT NULL ORDER BY from_at DESC LIMIT $2',
    [instanceId, SOURCES_MAX],
  );
  return rows.map(({ id, from_at, to_at, object_key }) => ({
    from: from_at.getTime(),
    to: to_at.getTime(),
    archiveId: id,
    read: async () => {
      const packed = await store.get(object_key);
      const text = createGunzip();
      packed.once('error', (error) => text.destroy(error));
      return packed.pipe(text);
    },
  }));
}
