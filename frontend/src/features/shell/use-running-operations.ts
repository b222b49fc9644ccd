import { useQuery } from '@tanstack/vue-query';
import { computed } from 'vue';
import { listOperations } from '../../api/operations.ts';
import { QueryKeys } from '../../api/query-keys.ts';

const ACTIVE = { active: 'true', limit: 50 } as const;

/** Operations that have not ended, newest first; kept fresh by events. */
export function useRunningOperations() {
  const query = useQuery({ queryKey: QueryKeys.operationList(ACTIVE), queryFn: () => listOperations(ACTIVE) });
  return { query, running: computed(() => query.data.value?.items ?? []) };
}
