import type { BulkAction, BulkItem } from '../../api/bulk.ts';
import { labelParts, parseLabels } from '../instances/labels.ts';

/** Actions on many, in the order people need them; the dangerous ones are last. */
export const BULK_KINDS = ['start', 'stop', 'restart', 'label', 'rotate-key', 'kill', 'destroy'] as const;
export type BulkKind = (typeof BULK_KINDS)[number];

/** Small enough that progress is seen to move, large enough to be quick with hundreds. */
const PART_SIZE = 25;

/** The ids in the parts they are sent in. */
export function partsOf(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / PART_SIZE) }, (_, index) => ids.slice(index * PART_SIZE, (index + 1) * PART_SIZE));
}

/** Those that were refused for the same reason. */
export interface RefusalGroup {
  readonly code: string;
  readonly failure: NonNullable<BulkItem['refusal']>;
  readonly items: readonly BulkItem[];
}

/** Refusals by reason, the commonest first. An instance that is gone has its id for a name. */
export function refusalGroups(items: readonly BulkItem[]): readonly RefusalGroup[] {
  const groups = new Map<string, BulkItem[]>();
  for (const item of items) {
    if (item.refusal === null) continue;
    // Where the phase is the reason, each phase has a sentence of its own.
    const key = `${item.refusal.code} ${item.refusal.code === 'OPERATION_IN_PROGRESS' ? '' : item.phase}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()]
    .map((group) => ({ code: group[0]?.refusal?.code ?? '', failure: group[0]?.refusal as RefusalGroup['failure'], items: group }))
    .sort((a, b) => b.items.length - a.items.length);
}

export const nameOf = ({ name, id }: BulkItem): string => name ?? id;

/** What a person has typed for a change of labels; null while it cannot be sent. */
export function labelAction(set: string, remove: string): Extract<BulkAction, { kind: 'label' }> | null {
  const parsed = parseLabels(set);
  const keys = remove
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
  if (parsed.problems.length > 0 || (labelParts(parsed.labels).length === 0 && keys.length === 0)) return null;
  return { kind: 'label', set: { ...parsed.labels }, remove: keys };
}

/** How far the accepted operations are; `failed` have ended without success. */
export interface ChildProgress {
  readonly total: number;
  readonly ended: number;
  readonly failed: number;
}

/** A list answers at most so many, so a whole page of running ones means "at least". */
export function childProgress(total: number, running: number, failed: number): ChildProgress {
  return { total, ended: Math.max(0, total - running), failed };
}
