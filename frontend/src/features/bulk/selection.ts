import type { InstanceView } from '../../../../workflows/contracts/instance.ts';
import type { BulkTargets, InstanceSelector } from '../../api/bulk.ts';
import type { InstanceQuery } from '../../api/instances.ts';

/** What is ticked: single instances, or everything that the list's filter finds. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly everything: boolean;
}

export const NO_SELECTION: Selection = { ids: new Set(), everything: false };

/** Ticks or unticks one. Unticking one of "everything" leaves the rest of the page. */
export function toggled(selection: Selection, id: string, page: readonly Pick<InstanceView, 'id'>[]): Selection {
  const ids = new Set(selection.everything ? page.map((instance) => instance.id) : selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, everything: false };
}

/** The box in the head of the table: the whole page, and nothing when the whole page was ticked. */
export function togglePage(selection: Selection, page: readonly Pick<InstanceView, 'id'>[]): Selection {
  const ids = new Set(selection.ids);
  const whole = pageState(selection, page) === true;
  for (const { id } of page) whole ? ids.delete(id) : ids.add(id);
  return { ids: selection.everything ? new Set() : ids, everything: false };
}

/** What the box in the head shows. */
export function pageState({ ids, everything }: Selection, page: readonly Pick<InstanceView, 'id'>[]): boolean | 'indeterminate' {
  if (everything) return true;
  const ticked = page.filter(({ id }) => ids.has(id)).length;
  if (ticked === 0) return false;
  return ticked === page.length ? true : 'indeterminate';
}

/** The filter of the list as a selector. */
function selectorOf({ q, type, labels, phase, hostId }: InstanceQuery): InstanceSelector {
  const phases = phase?.split(',') as InstanceSelector['phase'];
  return Object.fromEntries(Object.entries({ q, type, labels, phase: phases, hostId }).filter(([, value]) => value !== undefined));
}

/** What the API is asked about. */
export function targetsOf({ ids, everything }: Selection, query: InstanceQuery): BulkTargets {
  return everything ? { selector: selectorOf(query) } : { ids: [...ids] };
}
