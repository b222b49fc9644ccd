import { z } from 'zod';
import { AuditResult } from '../../workflows/contracts/audit.ts';
import { listQuery, pageOf, timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const auditResult = z.enum(AuditResult).meta({ id: 'AuditResult' });
const named = z.strictObject({ id: z.string(), name: z.string().nullable() });

export const auditEntry = z
  .strictObject({
    id: z.string(),
    seq: z.int().meta({ description: 'Place in the chain of the tenant, from 1 without a gap' }),
    at: timestamp,
    actor: z
      .strictObject({ kind: z.enum(['person', 'key', 'platform']), id: z.string().nullable(), name: z.string().nullable(), key: named.nullable() })
      .meta({ description: 'Who did it: the person, and the API key where one was used. The name is null for somebody who is gone' }),
    action: z.string().meta({ description: '`<resource>.<verb>`' }),
    target: z.strictObject({ kind: z.string(), id: z.string(), name: z.string().nullable() }).meta({ description: 'What it was done to' }),
    result: auditResult,
    reason: z.string().nullable().meta({ description: 'Code of the failure, where it was refused or failed' }),
    before: z.unknown().meta({ description: 'As it was, without secrets; null where nothing was recorded' }),
    after: z.unknown().meta({ description: 'As it became, without secrets; null where nothing was recorded' }),
    requestId: z.string().nullable(),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    hash: z.string().meta({ description: 'sha256 over the hash of the entry before and this one' }),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntryView = z.infer<typeof auditEntry>;

const WORD = /^[A-Za-z0-9._:/-]{1,200}$/;

const filters = {
  actor: z.string().regex(WORD, 'must be the id of a person or of an API key').optional().meta({ description: 'Id of a person or of an API key' }),
  action: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'must be an action such as instance.create, or the beginning of one such as instance')
    .max(100)
    .optional()
    .meta({ description: 'An action such as `instance.create`, or a resource such as `instance` for all of its actions' }),
  target: z.string().regex(WORD, 'must be an id').optional().meta({ description: 'Id of what it was done to' }),
  result: auditResult.optional(),
  since: timestamp.optional().meta({ description: 'At this time or later, RFC 3339, UTC' }),
  until: timestamp.optional().meta({ description: 'Before this time, RFC 3339, UTC' }),
} as const;

export const listAuditQuery = z.strictObject({ ...listQuery, ...filters });

export const listAudit = contract({
  id: 'listAudit',
  method: 'get',
  path: '/audit',
  tag: 'audit',
  summary: 'Who did what, newest first',
  query: listAuditQuery,
  answers: { 200: { description: 'A page of entries', schema: pageOf('AuditPage', auditEntry) } },
});

export const exportAudit = contract({
  id: 'exportAudit',
  method: 'get',
  path: '/audit/export',
  tag: 'audit',
  summary: 'All entries that match, oldest first, as a file',
  description:
    '`ndjson`: one entry per line, as the list shows it. `csv`: one row per entry; a value that a spreadsheet would take for a formula begins with an apostrophe.',
  query: z.strictObject({ ...filters, format: z.enum(['ndjson', 'csv']).default('ndjson') }),
  answers: {
    200: {
      description: 'The entries',
      schema: z.string(),
      contentType: ['application/x-ndjson', 'text/csv'],
      headers: { 'Content-Disposition': 'A file name' },
    },
  },
});

export const AuditBreak = { missing: 'missing', edited: 'edited', cut: 'cut', head: 'head', unsigned: 'unsigned', anchor: 'anchor' } as const;
export type AuditBreak = (typeof AuditBreak)[keyof typeof AuditBreak];

export const auditVerdict = z
  .strictObject({
    state: z.enum(['intact', 'broken', 'more']).meta({ description: '`more`: so far it is intact; go on with `nextCursor`' }),
    checked: z.int().meta({ description: 'Entries that this answer looked at' }),
    from: z.int().nullable().meta({ description: 'First entry that it looked at' }),
    to: z.int().nullable().meta({ description: 'Last entry that it looked at' }),
    total: z.int().meta({ description: 'Place of the last entry of the chain' }),
    cutUpTo: z.int().meta({ description: 'Entries up to this one were older than the audit is kept; 0 for none' }),
    nextCursor: z.string().nullable(),
    broken: z
      .strictObject({
        kind: z.enum(AuditBreak).meta({
          description:
            '`missing`: the entry is gone. `edited`: it is not what it was, or not where it was. `cut`: it and all that came after it are gone. `head`: the end of the chain was rewritten. `unsigned`: the end of the chain has no signature. `anchor`: the mark where retention cut the chain was rewritten',
        }),
        seq: z.int().meta({ description: 'Where the chain breaks first' }),
        id: z.string().nullable(),
        at: timestamp.nullable(),
        message: z.string(),
      })
      .nullable(),
  })
  .meta({ id: 'AuditVerdict' });
export type AuditVerdict = z.infer<typeof auditVerdict>;

export const verifyAudit = contract({
  id: 'verifyAudit',
  method: 'get',
  path: '/audit/verify',
  tag: 'audit',
  summary: 'Prove that no entry was removed or changed',
  description: 'Walks along the chain of hashes in pieces, to its signed end. Call it with `nextCursor` until the state is not `more`.',
  query: z.strictObject({ cursor: z.string().min(1).max(1000).optional().meta({ description: '`nextCursor` of the answer before' }) }),
  answers: { 200: { description: 'What was found', schema: auditVerdict } },
});

export const auditContracts = [listAudit, exportAudit, verifyAudit];
