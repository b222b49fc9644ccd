import type { HealthFact, SystemHealth } from '../../api/platform.ts';
import type { Tone } from '../instances/status-view.ts';

export type HealthPart = SystemHealth['components'][number];
export type HealthStatus = HealthPart['status'];

export const HEALTH_TONES: Readonly<Record<HealthStatus, Tone>> = { ok: 'success', degraded: 'warning', down: 'error' };

const WEIGHT: Readonly<Record<HealthStatus, number>> = { down: 0, degraded: 1, ok: 2 };

/** A name that stays with the part while its state changes. */
export function partKey({ name, host }: HealthPart): string {
  return host ? `${name}/${host.id}` : name;
}

/** What is wrong first, the worst at the top; otherwise in the order of the API. */
export function problemsFirst(parts: readonly HealthPart[]): readonly HealthPart[] {
  return [...parts].sort((one, other) => WEIGHT[one.status] - WEIGHT[other.status]);
}

/** Parts that need somebody. */
export function problemsOf({ components }: SystemHealth): readonly HealthPart[] {
  return components.filter(({ status }) => status !== 'ok');
}

/** Facts of the part itself, then those of each thing it has several of, such as task queues. */
export interface FactGroup {
  readonly of: string | null;
  readonly facts: readonly HealthFact[];
}

export function factGroups(facts: readonly HealthFact[]): readonly FactGroup[] {
  const groups = new Map<string | null, HealthFact[]>();
  for (const fact of facts) {
    const of = fact.of ?? null;
    groups.set(of, [...(groups.get(of) ?? []), fact]);
  }
  return [...groups].map(([of, group]) => ({ of, facts: group }));
}

/** Whether this may be an id that somebody pasted: an id of ours, of a workflow, or of a request. */
export function looksLikeId(text: string): boolean {
  const given = text.trim();
  if (/^(op|ins|hst|prv)_[0-9a-hjkmnp-tv-z]{20}$/.test(given) || /^(instance|host|provider)\/\w+/.test(given)) return true;
  return /^[A-Za-z0-9_-]{8,64}$/.test(given) && /\d/.test(given) && /[-_]/.test(given);
}
