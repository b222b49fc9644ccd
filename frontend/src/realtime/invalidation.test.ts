import { describe, expect, it } from 'vitest';
import { mergeStaleKeys, staleKeys } from './invalidation.ts';

describe('what an event makes stale', () => {
  it('refreshes the list, that instance, the overview and the hosts when an instance changed', () => {
    expect(staleKeys({ type: 'instance.updated', id: 'ins_a' })).toEqual([['instances', 'list'], ['instances', 'detail', 'ins_a'], ['overview'], ['hosts']]);
  });

  it('leaves instances alone when only a provider changed', () => {
    const keys = staleKeys({ type: 'provider.updated', id: 'prv_a' });
    expect(keys).toContainEqual(['providers']);
    expect(keys.some((key) => key[0] === 'instances')).toBe(false);
  });

  it('refreshes the feed, and nothing else, when something happened', () => {
    expect(staleKeys({ type: 'event.recorded', id: 'evt_a' })).toEqual([['events']]);
  });

  it('refreshes the list of rollouts and the one that moved', () => {
    expect(staleKeys({ type: 'rollout.updated', id: 'rol_a' })).toEqual([
      ['rollouts', 'list'],
      ['rollouts', 'detail', 'rol_a'],
    ]);
  });

  it('names each key once for a burst of events', () => {
    const keys = mergeStaleKeys([
      { type: 'operation.updated', id: 'op_a' },
      { type: 'operation.updated', id: 'op_a' },
      { type: 'operation.updated', id: 'op_b' },
    ]);
    expect(keys).toEqual([['operations', 'list'], ['operations', 'detail', 'op_a'], ['overview'], ['operations', 'detail', 'op_b']]);
  });

  it('ignores types that a newer server may send', () => {
    expect(staleKeys({ type: 'weather.changed' as never, id: 'wea_a' })).toEqual([]);
  });
});
