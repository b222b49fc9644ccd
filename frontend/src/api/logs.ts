import type { Schemas } from './client.ts';
import { api, unwrap } from './client.ts';
import type { Page } from './instances.ts';
import type { paths } from './schema.d.ts';
import { ofChosenTenant } from './tenant-choice.ts';

export type LogSearchQuery = NonNullable<paths['/instances/{id}/logs/search']['get']['parameters']['query']>;
export type LogSearch = Schemas['LogSearch'];
export type LogHit = Schemas['LogHit'];
export type LogArchive = Schemas['LogArchive'];

/** A page of matching lines, newest first, from the host and the archive. */
export function searchLogs(id: string, query: LogSearchQuery, signal?: AbortSignal): Promise<LogSearch> {
  return unwrap(api.GET('/instances/{id}/logs/search', { params: { path: { id }, query }, ...(signal ? { signal } : {}) }));
}

/** Archived pieces of a log, newest first. */
export function listLogArchives(id: string, cursor?: string): Promise<Page<LogArchive>> {
  return unwrap(api.GET('/instances/{id}/logs/archives', { params: { path: { id }, query: { limit: 50, ...(cursor ? { cursor } : {}) } } }));
}

/** Address from which the browser downloads a piece. */
export function logArchiveUrl(id: string, archiveId: string): string {
  return ofChosenTenant(`/api/v1/instances/${encodeURIComponent(id)}/logs/archives/${encodeURIComponent(archiveId)}/download`);
}
