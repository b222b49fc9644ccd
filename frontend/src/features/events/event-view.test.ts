import { describe, expect, it } from 'vitest';
import { FLEET_EVENT_TYPES, type FleetEventView } from '../../../../workflows/contracts/fleet-event.ts';
import en from '../../i18n/en/index.ts';
import { byDay, EVENT_AREAS, sentenceKey, shownOf, toneOf, typesOf } from './event-view.ts';

function event(id: string, lastAt: string, change: Partial<FleetEventView> = {}): FleetEventView {
  return {
    id,
    type: 'instance.running',
    severity: 'info',
    message: '',
    subject: { kind: 'instance', id: 'ins_1', name: 'a' },
    actor: { kind: 'platform', id: null, name: null },
    instanceId: 'ins_1',
    hostId: null,
    operationId: null,
    requestId: null,
    count: 1,
    firstAt: lastAt,
    lastAt,
    data: {},
    ...change,
  } as FleetEventView;
}

const ids = ({ events, waiting }: { readonly events: readonly FleetEventView[]; readonly waiting: number }) => [events.map(({ id }) => id).join(''), waiting];
const A = event('a', '2026-11-21T10:00:00.000Z');
const B = event('b', '2026-11-21T09:00:00.000Z');
const C = event('c', '2026-11-21T08:00:00.000Z');
const NEW = event('n', '2026-11-21T11:00:00.000Z');

describe('a list of events that changes', () => {
  it('shows what is new at once to whoever looks at its top', () => {
    expect(ids(shownOf([A, B], [NEW, A, B], false))).toEqual(['nab', 0]);
  });

  it('keeps it waiting while somebody reads further down', () => {
    expect(ids(shownOf([A, B], [NEW, A, B], true))).toEqual(['ab', 1]);
  });

  it('leaves an event that happened again where it was until the new ones are wanted', () => {
    const again = { ...B, lastAt: '2026-11-21T10:30:00.000Z', count: 2 };
    const held = shownOf([A, B], [again, A], true);
    expect(ids(held)).toEqual(['ab', 1]);
    expect(held.events[1]?.count).toBe(1);
  });

  it('grows at its end, also while new ones wait', () => {
    expect(ids(shownOf([A, B], [NEW, A, B, C], true))).toEqual(['abc', 1]);
  });

  it('is cut into days, newest first', () => {
    const yesterday = event('y', new Date(new Date(A.lastAt).setHours(-1)).toISOString());
    expect(byDay([A, yesterday]).map(({ events }) => events.map(({ id }) => id))).toEqual([['a'], ['y']]);
  });
});

it('every type of event belongs to one area', () => {
  const areas = EVENT_AREAS.flatMap((area) => typesOf(area));
  expect([...areas].sort()).toEqual([...FLEET_EVENT_TYPES].sort());
});

it('every type of event has a sentence', () => {
  const text = (key: string): unknown => `event.${key}`.split('.').reduce<unknown>((node, name) => (node as Record<string, unknown> | undefined)?.[name], en);
  const missing = FLEET_EVENT_TYPES.map((type) => sentenceKey(event('x', A.lastAt, { type, data: { kind: 'create', retention: null } } as never))).filter(
    (key) => typeof text(key) !== 'string',
  );
  expect(missing).toEqual([]);
  expect(sentenceKey(event('x', A.lastAt, { type: 'operation.succeeded', data: { kind: 'destroy', seconds: 1, retention: 'wipe' } }))).toBe(
    'operation.succeeded.wipe',
  );
});

it('what went well is green, other news has no colour, and what went wrong has its own', () => {
  expect([toneOf({ type: 'instance.running', severity: 'info' }), toneOf({ type: 'operation.accepted', severity: 'info' })]).toEqual(['success', 'neutral']);
  expect(toneOf({ type: 'operation.failed', severity: 'error' })).toBe('error');
});
