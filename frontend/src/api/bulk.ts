import type { Schemas } from './client.ts';
import { api, unwrap } from './client.ts';

export type BulkAction = Schemas['BulkAction'];
export type BulkItem = Schemas['BulkItem'];
export type BulkResult = Schemas['BulkResult'];
export type InstanceSelector = Schemas['InstanceSelector'];

/** Those that are ticked, or all that a filter finds. */
export type BulkTargets = { readonly ids: readonly string[] } | { readonly selector: InstanceSelector };

/** Who would be affected and who not; writes nothing. */
export function previewBulk(targets: BulkTargets, action: BulkAction): Promise<BulkResult> {
  const body = 'ids' in targets ? { ids: [...targets.ids], action } : { selector: targets.selector, action };
  return unwrap(api.POST('/instances/bulk', { params: { query: { dryRun: 'true' } }, body }));
}

/** Accepts the action for exactly these. `requestId` names the operations of all parts; `key` makes it safe to send a part again. */
export function runBulk(ids: readonly string[], action: BulkAction, requestId: string, key: string): Promise<BulkResult> {
  return unwrap(api.POST('/instances/bulk', { body: { ids: [...ids], action }, headers: { 'x-request-id': requestId, 'idempotency-key': key } }));
}
