import type { Schemas } from './client.ts';
import { api, unwrap } from './client.ts';
import type { Page } from './instances.ts';
import type { paths } from './schema.d.ts';

export type AuditEntry = Schemas['AuditEntry'];
export type AuditVerdict = Schemas['AuditVerdict'];
export type AuditQuery = NonNullable<paths['/audit']['get']['parameters']['query']>;
export type AuditFormat = 'ndjson' | 'csv';

/** Who did what, newest first. */
export async function listAudit(query: AuditQuery): Promise<Page<AuditEntry>> {
  return (await unwrap(api.GET('/audit', { params: { query } }))) as Page<AuditEntry>;
}

/** One piece of the proof that nothing was changed or removed; go on with `nextCursor`. */
export function verifyAudit(cursor: string | null): Promise<AuditVerdict> {
  return unwrap(api.GET('/audit/verify', { params: { query: cursor === null ? {} : { cursor } } }));
}

/** Everything that matches as a file, and the name that the API gave it. */
export async function exportAudit(
  format: AuditFormat,
  filter: Omit<AuditQuery, 'limit' | 'cursor'>,
): Promise<{ readonly name: string; readonly content: Blob }> {
  const call = api.GET('/audit/export', { params: { query: { ...filter, format } }, parseAs: 'blob' });
  const content = (await unwrap(call)) as unknown as Blob;
  const disposition = (await call).response.headers.get('content-disposition') ?? '';
  return { name: /filename="([^"]+)"/.exec(disposition)?.[1] ?? `clawloops-audit.${format}`, content };
}
