import { ACCOUNT_EVENTS, FLEET_EVENT_TYPES, type FleetEventType, type FleetEventView, type Severity } from '../../../../workflows/contracts/fleet-event.ts';
import type { Tone } from '../instances/status-view.ts';

/** What events are about, as people choose it. */
export const EVENT_AREAS = ['instance', 'operation', 'rollout', 'host', 'provider', 'account'] as const;
export type EventArea = (typeof EVENT_AREAS)[number];

/** The types of an area, as the API takes them. */
export function typesOf(area: EventArea): readonly FleetEventType[] {
  return area === 'account' ? ACCOUNT_EVENTS : FLEET_EVENT_TYPES.filter((type) => type.startsWith(`${area}.`));
}

const TONES: Readonly<Record<Severity, Tone>> = { info: 'neutral', warning: 'warning', error: 'error' };
const GOOD: readonly FleetEventType[] = [
  'instance.running',
  'instance.config-applied',
  'operation.succeeded',
  'rollout.succeeded',
  'provider.verified',
  'host.connected',
];

/** Colour of an event: how bad it is, and green for what went well. */
export function toneOf({ severity, type }: Pick<FleetEventView, 'severity' | 'type'>): Tone {
  return GOOD.includes(type) ? 'success' : TONES[severity];
}

/** Key of the sentence of an event, without the `event.` before it. */
export function sentenceKey(event: FleetEventView): string {
  if (event.type === 'operation.accepted') return `${event.type}.${event.data.kind}`;
  if (event.type === 'operation.succeeded') return `${event.type}.${event.data.retention === 'wipe' ? 'wipe' : event.data.kind}`;
  return event.type;
}

/** Events of one day in the time of this browser, in the order they came. */
export interface EventDay {
  /** Midnight at which it began, in milliseconds. */
  readonly at: number;
  readonly events: readonly FleetEventView[];
}

/** Cuts a list, newest first, into days. */
export function byDay(events: readonly FleetEventView[]): readonly EventDay[] {
  const days = Map.groupBy(events, ({ lastAt }) => new Date(lastAt).setHours(0, 0, 0, 0));
  return [...days].map(([at, own]) => ({ at, events: own }));
}

/** What is shown of a list that changes, and how many events wait until somebody wants to see them. */
export interface Shown {
  readonly events: readonly FleetEventView[];
  readonly waiting: number;
}

/**
 * What to show of the `fresh` list. `hold`: somebody reads further down, so nothing may move under their eyes; what is new waits, what
 * was shown stays as it was, and only older events are added at the end.
 */
export function shownOf(before: readonly FleetEventView[], fresh: readonly FleetEventView[], hold: boolean): Shown {
  const [first] = before;
  const last = before.at(-1);
  if (!hold || !first || !last) return { events: fresh, waiting: 0 };
  const known = new Map(before.map((event) => [event.id, event]));
  const isNew = (event: FleetEventView): boolean => event.lastAt > first.lastAt || (known.has(event.id) && known.get(event.id)?.lastAt !== event.lastAt);
  const older = fresh.filter((event) => !known.has(event.id) && !isNew(event) && event.lastAt <= last.lastAt);
  return { events: [...before, ...older], waiting: fresh.filter(isNew).length };
}
