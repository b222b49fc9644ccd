import { Router } from 'express';
import type pg from 'pg';
import type { ObjectStore } from '../../activities/clients/object-store/object-store.ts';
import type { HostLink } from '../../activities/runtime/host/host-link.ts';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { Action } from '../http/authorize.ts';
import { decodeCursor, encodeCursor, pageOfRows } from '../http/pagination.ts';
import type { RouteKit } from '../http/route.ts';
import { logPolicy } from './log.policy.ts';
import * as contracts from './log-archive.schema.ts';
import { type LogPlace, searchLogs } from './log-search.ts';
import { archivedSources, waitingSources } from './log-sources.ts';

export interface LogArchiveDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  readonly objectStore: ObjectStore;
  readonly link: HostLink;
}

interface ArchiveRow {
  readonly id: string;
  readonly from_at: Date;
  readonly to_at: Date;
  readonly bytes: string;
  readonly raw_bytes: string;
  readonly lines: string;
  readonly sha256: string;
  readonly object_key: string;
  readonly slug: string;
}

const read = { action: Action.read, policy: logPolicy } as const;
const SORT = '-from';
const SEARCH_BYTES = 64 * 1024 * 1024;
const SEARCH_MS = 8_000;
const COLUMNS = 'a.id, a.from_at, a.to_at, a.bytes, a.raw_bytes, a.lines, a.sha256, a.object_key, i.slug';

/** The archive of logs: its list, its files, and the search through it and what is still on the host. */
export function logArchiveRoutes({ kit, database, objectStore, link }: LogArchiveDeps): Router {
  const router = Router();
  kit.mount(router, contracts.listLogArchives, read, async ({ actor, params, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, async (sql) => {
      await hostOf(sql, params.id);
      const from = decodeCursor(query.cursor, SORT, isTime);
      const { rows } = await sql.query<ArchiveRow>(
        `SELECT ${COLUMNS} FROM log_archive a JOIN instance i ON i.id = a.instance_id WHERE a.instance_id = $1 AND a.stored_at IS NOT NULL
           AND ($2::bigint IS NULL OR a.from_at < to_timestamp($2::bigint / 1000.0)) ORDER BY a.from_at DESC LIMIT $3`,
        [params.id, from?.value ?? null, query.limit + 1],
      );
      return pageOfRows(rows, query.limit, (row) => ({ sort: SORT, value: String(row.from_at.getTime()), id: row.id }), present);
    }),
  }));
  kit.mount(router, contracts.downloadLogArchive, read, async ({ actor, params }) => {
    const row = await database.withTenantSql(actor.tenantId, async (sql) => {
      const { rows } = await sql.query<ArchiveRow>(
        `SELECT ${COLUMNS} FROM log_archive a JOIN instance i ON i.id = a.instance_id WHERE a.instance_id = $1 AND a.id = $2 AND a.stored_at IS NOT NULL`,
        [params.id, params.archiveId],
      );
      return rows[0];
    });
    if (!row) throw new Failure('NOT_FOUND', 'There is no such piece of the log.');
    const headers = {
      'Content-Type': 'application/gzip',
      'Content-Length': row.bytes,
      'Content-Disposition': `attachment; filename="${present(row).fileName}"`,
    };
    return { status: 200, body: await objectStore.get(row.object_key), headers };
  });
  kit.mount(router, contracts.searchInstanceLogs, read, async ({ actor, params, query, signal }) => {
    const asTenant = <T>(work: (sql: pg.PoolClient) => Promise<T>): Promise<T> => database.withTenantSql(actor.tenantId, work);
    const before = placeOf(query.cursor);
    const hostId = await asTenant((sql) => hostOf(sql, params.id));
    // The host first: a piece that is archived meanwhile is found twice and read once, not missed.
    const waiting = await waitingSources(link, hostId, params.id);
    const archived = await asTenant((sql) => archivedSources(sql, objectStore, params.id));
    const deadline = Date.now() + SEARCH_MS;
    const time = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text));
    const question = { text: query.q, from: time(query.from), to: time(query.to), levels: query.level ?? null, limit: query.limit, before };
    const budget = { bytes: SEARCH_BYTES, isOver: () => signal.aborted || Date.now() > deadline };
    const found = await searchLogs([...archived, ...(waiting ?? [])], question, budget);
    return {
      status: 200,
      body: {
        items: found.hits.map(({ place, ...hit }) => ({ ...hit, pieceFrom: new Date(place.from).toISOString(), line: place.line })),
        nextCursor: found.next && encodeCursor({ sort: SORT, value: String(found.next.from), id: String(found.next.line) }),
        searchedBytes: found.bytes,
        searchedFrom: found.reached === null ? null : new Date(found.reached).toISOString(),
        host: waiting ? 'read' : 'away',
      },
    };
  });
  return router;
}

/** Throws NOT_FOUND when the tenant as which `sql` runs has no such instance. */
async function hostOf(sql: pg.ClientBase, instanceId: string): Promise<string> {
  const { rows } = await sql.query<{ host_id: string }>('SELECT host_id FROM instance WHERE id = $1', [instanceId]);
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such instance.');
  return rows[0].host_id;
}

function isTime(value: string): boolean {
  return /^\d{1,15}$/.test(value);
}

function placeOf(cursor: string | undefined): LogPlace | null {
  const position = decodeCursor(cursor, SORT, isTime);
  return position && { from: Number(position.value), line: Number(position.id) || 0 };
}

function present(row: ArchiveRow) {
  return {
    id: row.id,
    from: row.from_at.toISOString(),
    to: row.to_at.toISOString(),
    bytes: Number(row.bytes),
    rawBytes: Number(row.raw_bytes),
    lines: Number(row.lines),
    sha256: row.sha256,
    fileName: `${row.slug}-${row.object_key.slice(row.object_key.lastIndexOf('/') + 1)}`,
  };
}
