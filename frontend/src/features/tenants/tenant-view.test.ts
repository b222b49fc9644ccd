import { expect, it } from 'vitest';
import type { Tenant } from '../../api/tenants.ts';
import { progressOf } from './tenant-view.ts';

const progress = (over: object): Pick<Tenant, 'progress'> => ({
  progress: {
    workId: 'twk',
    kind: 'delete',
    retention: 'retain',
    startedAt: '2026-11-21T10:00:00.000Z',
    total: 3,
    remaining: 1,
    waitingFor: [],
    finishedAt: null,
    ...over,
  },
});

it('counts the claws that are down', () => expect(progressOf(progress({}))).toEqual({ done: 2, total: 3 }));
it('never counts more than there are, also when one was made in the last moment', () =>
  expect(progressOf(progress({ remaining: 4 }))).toEqual({ done: 0, total: 4 }));
it('is nothing when nothing is under way or it has ended', () => {
  expect(progressOf({ progress: null })).toBeNull();
  expect(progressOf(progress({ finishedAt: '2026-11-21T10:01:00.000Z' }))).toBeNull();
});
