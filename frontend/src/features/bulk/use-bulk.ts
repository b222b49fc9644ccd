import { useQuery, useQueryClient } from '@tanstack/vue-query';
import { computed, ref, shallowRef } from 'vue';
import type { BulkAction, BulkItem } from '../../api/bulk.ts';
import { runBulk } from '../../api/bulk.ts';
import { listOperations } from '../../api/operations.ts';
import { QueryKeys } from '../../api/query-keys.ts';
import { randomKey } from '../../api/random-key.ts';
import { childProgress, partsOf } from './bulk-view.ts';

const LISTED_MAX = 200;

/**
 * One action on exactly the instances that were previewed, sent in parts. A part that got no answer is sent again with the same
 * key, so that nothing is accepted twice; the operations of all parts carry one request id and are followed by it.
 */
export function useBulk() {
  const client = useQueryClient();
  const requestId = `bulk-${randomKey()}`;
  const parts = shallowRef<readonly (readonly string[])[]>([]);
  const sent = ref(0);
  const results = shallowRef<readonly BulkItem[]>([]);
  const error = shallowRef<unknown>(null);
  const state = ref<'idle' | 'sending' | 'interrupted' | 'sent'>('idle');
  let wanted: BulkAction | null = null;

  async function send(): Promise<void> {
    state.value = 'sending';
    error.value = null;
    try {
      while (sent.value < parts.value.length && wanted !== null) {
        const { items } = await runBulk(parts.value[sent.value] ?? [], wanted, requestId, `${requestId}-${sent.value}`);
        results.value = [...results.value, ...items];
        sent.value += 1;
      }
      state.value = 'sent';
    } catch (failure) {
      error.value = failure;
      state.value = 'interrupted';
    }
    void client.invalidateQueries({ queryKey: QueryKeys.instances });
    void client.invalidateQueries({ queryKey: QueryKeys.operations });
  }

  function start(ids: readonly string[], action: BulkAction): Promise<void> {
    parts.value = partsOf(ids);
    wanted = action;
    return send();
  }

  const accepted = computed(() => results.value.filter((item) => item.operationId !== null).length);
  const follow = (filter: { active?: 'true'; state?: 'failed' }) =>
    useQuery({
      queryKey: QueryKeys.operationList({ requestId, limit: LISTED_MAX, ...filter }),
      queryFn: () => listOperations({ requestId, limit: LISTED_MAX, ...filter }),
      enabled: computed(() => state.value === 'sent' && accepted.value > 0),
    });
  const running = follow({ active: 'true' });
  const failed = follow({ state: 'failed' });
  const children = computed(() =>
    running.data.value === undefined ? null : childProgress(accepted.value, running.data.value.items.length, failed.data.value?.items.length ?? 0),
  );

  return { requestId, state, results, error, accepted, children, start, again: send };
}
