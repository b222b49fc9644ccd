import { keepPreviousData, useQuery } from '@tanstack/vue-query';
import type { ComputedRef, MaybeRefOrGetter } from 'vue';
import { computed, toValue } from 'vue';
import { getInstance, listInstanceOperations } from '../../api/instances.ts';
import { QueryKeys } from '../../api/query-keys.ts';

/** One instance, live. */
export function useInstance(id: MaybeRefOrGetter<string>) {
  return useQuery({ queryKey: computed(() => QueryKeys.instance(toValue(id))), queryFn: () => getInstance(toValue(id)) });
}

/** Its name once it is known; null while it is not, or where there is no instance. */
export function useInstanceName(id: MaybeRefOrGetter<string | null>): ComputedRef<string | null> {
  const query = useQuery({
    queryKey: computed(() => QueryKeys.instance(toValue(id) ?? '')),
    queryFn: () => getInstance(toValue(id) ?? ''),
    enabled: computed(() => toValue(id) !== null),
  });
  return computed(() => (toValue(id) === null ? null : (query.data.value?.name ?? null)));
}

/** Newest operations of an instance; none are asked for while there is no instance. The key is a list of operations, so that operation events refresh it. */
export function useInstanceOperations(id: MaybeRefOrGetter<string | null>, limit: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: computed(() => QueryKeys.operationList({ instanceId: toValue(id), limit: toValue(limit) })),
    queryFn: () => listInstanceOperations(toValue(id) ?? '', toValue(limit)),
    enabled: computed(() => toValue(id) !== null),
    placeholderData: keepPreviousData,
  });
}
