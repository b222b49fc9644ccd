import type { SavedView, SavedViewQuery } from '../../api/views.ts';
import { instanceQuery, type ListFilter } from '../instances/instance-list-filter.ts';
import { CHANGING_PHASES } from '../instances/status-view.ts';

/** A tab above the list; `filter` is the part of the URL that it stands for. */
export interface ViewTab {
  readonly id: string;
  /** Message key of a built-in view; own views have a name instead. */
  readonly label: string | null;
  readonly name: string;
  readonly filter: UrlFilter;
  readonly own: SavedView | null;
}

/** Filter and order as they stand in the URL; what is not asked for is undefined, so that setting it clears the rest. */
export type UrlFilter = Readonly<Record<'q' | 'phase' | 'type' | 'labels' | 'host' | 'sort', string | undefined>>;

const NOTHING: UrlFilter = { q: undefined, phase: undefined, type: undefined, labels: undefined, host: undefined, sort: undefined };

const BUILT_IN: readonly ViewTab[] = [
  { id: 'all', label: 'views.builtIn.all', name: '', filter: NOTHING, own: null },
  { id: 'attention', label: 'views.builtIn.attention', name: '', filter: { ...NOTHING, phase: 'Failed' }, own: null },
  { id: 'running', label: 'views.builtIn.running', name: '', filter: { ...NOTHING, phase: 'Running' }, own: null },
  { id: 'stopped', label: 'views.builtIn.stopped', name: '', filter: { ...NOTHING, phase: 'Stopped' }, own: null },
];

const CHANGING = CHANGING_PHASES.join(',');

/** What is kept of the URL: what the list is asked for, without the place in it and without what cannot be asked. */
export function queryOf(filter: ListFilter): SavedViewQuery {
  const { q, phase, type, hostId, labels, sort } = instanceQuery(filter);
  const kept = { q, phase: phase?.split(',') as SavedViewQuery['phase'], type, hostId, labels, sort: filter.sort === undefined ? undefined : sort };
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
}

/** The URL of a kept query; all phases under way are the choice "changing" again. */
export function filterOf({ q, phase, type, hostId, labels, sort }: SavedViewQuery): UrlFilter {
  const phases = phase?.join(',');
  return { q, phase: phases === CHANGING ? 'changing' : phases, type, labels, host: hostId, sort };
}

/** Every tab in order: built-in ones, then the person's own by name. */
export function viewTabs(own: readonly SavedView[]): readonly ViewTab[] {
  return [...BUILT_IN, ...own.map((view): ViewTab => ({ id: view.id, label: null, name: view.name, filter: filterOf(view.query), own: view }))];
}

function same(a: SavedViewQuery, b: SavedViewQuery): boolean {
  const text = (query: SavedViewQuery): string => JSON.stringify(Object.entries(query).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
}

/**
 * The tab that the list shows: the one that was chosen, even after its filters were changed, else the first with exactly these
 * filters. `changed` says that the list shows something else than the tab keeps.
 */
export function currentTab(
  tabs: readonly ViewTab[],
  filter: ListFilter,
  chosen: string | undefined,
): { readonly tab: ViewTab | null; readonly changed: boolean } {
  const wanted = queryOf(filter);
  const fits = (tab: ViewTab): boolean => same(queryOf(tab.filter), wanted);
  const own = tabs.find((tab) => tab.own !== null && tab.id === chosen);
  if (own) return { tab: own, changed: !fits(own) };
  return { tab: tabs.find(fits) ?? null, changed: false };
}
