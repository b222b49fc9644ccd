import type { Tenant } from '../../api/tenants.ts';
import type { Tone } from '../instances/status-view.ts';

export const TENANT_TONES: Readonly<Record<Tenant['state'], Tone>> = { active: 'success', suspended: 'warning', deleting: 'warning', deleted: 'neutral' };

/** How many claws of a suspension or deletion are down; null when nothing is under way. */
export function progressOf({ progress }: Pick<Tenant, 'progress'>): { readonly done: number; readonly total: number } | null {
  if (!progress || progress.finishedAt !== null) return null;
  return { done: Math.max(0, progress.total - progress.remaining), total: Math.max(progress.total, progress.remaining) };
}
