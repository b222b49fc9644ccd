import { Phase } from '../../../../workflows/contracts/instance.ts';
import type { InstanceQuery } from '../../api/instances.ts';
import { isSelector } from './labels.ts';
import { CHANGING_PHASES } from './status-view.ts';

/** Choices of the phase filter: single phases people think in, and "changing" for all that are under way. */
export const PHASE_CHOICES = ['Running', 'changing', 'Failed', 'Stopped', 'Destroyed'] as const;

const SORTS = ['createdAt', '-createdAt', 'name', '-name', 'phase', '-phase'] as const;
export type InstanceSort = (typeof SORTS)[number];

/** The query of the URL as the list reads it; anything unknown in it is ignored. */
export interface ListFilter {
  readonly q?: string;
  readonly phase?: string;
  readonly type?: string;
  readonly labels?: string;
  readonly host?: string;
  readonly sort?: string;
  readonly cursor?: string;
}

function phasesOf(choice: string | undefined): string | undefined {
  if (choice === undefined) return undefined;
  if (choice === 'changing') return CHANGING_PHASES.join(',');
  const known = choice.split(',').filter((part) => (Object.values(Phase) as string[]).includes(part));
  return known.length > 0 ? known.join(',') : undefined;
}

/** The sort order asked for, newest first when it is none. */
export function sortOf(text: string | undefined): InstanceSort {
  return SORTS.find((sort) => sort === text) ?? '-createdAt';
}

/** What the API is asked. A selector that is not finished yet is left out, so that typing does not fail the list. */
export function instanceQuery(filter: ListFilter): InstanceQuery {
  return {
    limit: 50,
    q: filter.q,
    phase: phasesOf(filter.phase),
    type: filter.type,
    hostId: filter.host,
    labels: filter.labels !== undefined && isSelector(filter.labels) ? filter.labels : undefined,
    sort: sortOf(filter.sort),
    cursor: filter.cursor,
  };
}

/** The order after pressing a column's head: first ascending (dates: newest first), then the other way round. */
export function nextSort(current: InstanceSort, column: 'name' | 'phase' | 'createdAt'): InstanceSort {
  const natural: InstanceSort = column === 'createdAt' ? '-createdAt' : column;
  const reverse: InstanceSort = column === 'createdAt' ? 'createdAt' : `-${column}`;
  return current === natural ? reverse : natural;
}

/** Whether anything but the order narrows the list. */
export function isFiltered(filter: ListFilter): boolean {
  return [filter.q, filter.phase, filter.type, filter.labels, filter.host].some((part) => part !== undefined);
}
