import { z } from 'zod';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { LogLevel } from '../../workflows/contracts/log-line.ts';
import { idOf, listQuery, pageOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const tag = 'instances';
const instanceParams = z.strictObject({ id: idOf(IdPrefix.instance) });
const LEVELS = Object.values(LogLevel) as [LogLevel, ...LogLevel[]];

const archive = z
  .strictObject({
    id: z.string(),
    from: timestamp,
    to: timestamp,
    bytes: z.int().meta({ description: 'Packed with gzip, as it is downloaded' }),
    rawBytes: z.int(),
    lines: z.int(),
    sha256: z.string().meta({ description: 'Of the packed bytes, in hex' }),
    fileName: z.string(),
  })
  .meta({ id: 'LogArchive', description: 'What a claw printed between two moments' });

export const listLogArchives = contract({
  id: 'listLogArchives',
  method: 'get',
  path: '/instances/{id}/logs/archives',
  tag,
  summary: 'Archived pieces of its log, newest first',
  description: 'Also of an instance that was destroyed and whose data is kept.',
  params: instanceParams,
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of pieces', schema: pageOf('LogArchivePage', archive) } },
  failures: ['NOT_FOUND'],
});

export const downloadLogArchive = contract({
  id: 'downloadLogArchive',
  method: 'get',
  path: '/instances/{id}/logs/archives/{archiveId}/download',
  tag,
  summary: 'Download an archived piece of its log',
  params: instanceParams.extend({ archiveId: idOf(IdPrefix.logArchive) }),
  answers: {
    200: { description: 'Text, packed with gzip', contentType: 'application/gzip', headers: { 'Content-Disposition': 'Name of the file' } },
  },
  failures: ['NOT_FOUND', 'STORAGE_UNAVAILABLE'],
});

const levels = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(LEVELS)).max(LEVELS.length))
  .optional()
  .meta({ description: 'One or several levels, separated by commas: error, warn, info, debug', override: { type: 'string' } });

const hit = z
  .strictObject({
    at: z.string().nullable().meta({ description: 'Time that the claw wrote into the line, RFC 3339, UTC' }),
    level: z.enum(LEVELS),
    text: z.string(),
    archiveId: z.string().nullable().meta({ description: 'Piece that holds it; null while it is only on the host' }),
    pieceFrom: timestamp.meta({ description: 'Since when its piece was written' }),
    line: z.int().meta({ description: 'Number of the line in its piece, from 1' }),
  })
  .meta({ id: 'LogHit' });

export const searchLogsQuery = z.strictObject({
  q: z.string().max(500).default('').meta({ description: 'Text that a line holds, whatever its case; empty finds every line' }),
  from: timestamp.optional().meta({ description: 'Lines of this time or later, RFC 3339, UTC' }),
  to: timestamp.optional().meta({ description: 'Lines before this time, RFC 3339, UTC' }),
  level: levels,
  limit: z.coerce.number().int().min(1).max(1000).default(200).meta({ description: 'Lines of a page' }),
  cursor: listQuery.cursor,
});
export type SearchLogsQuery = z.infer<typeof searchLogsQuery>;

export const searchInstanceLogs = contract({
  id: 'searchInstanceLogs',
  method: 'get',
  path: '/instances/{id}/logs/search',
  tag,
  summary: 'Search its log, present and archived, newest line first',
  description:
    'A line without a time of its own counts as written with the line before it. One request reads a bounded amount: with a `nextCursor` there ' +
    'may be more, also when the page is not full or empty.',
  params: instanceParams,
  query: searchLogsQuery,
  answers: {
    200: {
      description: 'A page of lines',
      schema: z
        .strictObject({
          items: z.array(hit),
          nextCursor: z.string().nullable(),
          searchedBytes: z.int().meta({ description: 'How much text this request read' }),
          searchedFrom: timestamp.nullable().meta({ description: 'How far back this request came' }),
          host: z.enum(['read', 'away']).meta({ description: '`away`: the host is not connected, so what is not in the archive yet was not searched' }),
        })
        .meta({ id: 'LogSearch' }),
    },
  },
  failures: ['NOT_FOUND', 'STORAGE_UNAVAILABLE'],
});

export const logArchiveContracts = [listLogArchives, downloadLogArchive, searchInstanceLogs];
