import { useQuery } from '@tanstack/vue-query';
import { computed, type MaybeRefOrGetter, toValue } from 'vue';
import { diffConfig, getConfig, getConfigVersion, listConfigInstances, listConfigVersions } from '../../api/configs.ts';
import { QueryKeys } from '../../api/query-keys.ts';

/** A config, its versions and who runs on them. */
export function useConfig(id: MaybeRefOrGetter<string>) {
  return {
    config: useQuery({ queryKey: computed(() => QueryKeys.config(toValue(id))), queryFn: () => getConfig(toValue(id)) }),
    versions: useQuery({ queryKey: computed(() => [...QueryKeys.config(toValue(id)), 'versions']), queryFn: () => listConfigVersions(toValue(id)) }),
    users: useQuery({ queryKey: computed(() => [...QueryKeys.config(toValue(id)), 'instances']), queryFn: () => listConfigInstances(toValue(id)) }),
  };
}

/** One version with its document, which never changes. */
export function useConfigVersion(id: MaybeRefOrGetter<string>, version: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: computed(() => [...QueryKeys.config(toValue(id)), 'version', toValue(version)]),
    queryFn: () => getConfigVersion(toValue(id), toValue(version)),
    enabled: computed(() => toValue(version) > 0),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What a version changed against the one before it. */
export function useConfigDiff(id: MaybeRefOrGetter<string>, version: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: computed(() => [...QueryKeys.config(toValue(id)), 'diff', toValue(version)]),
    queryFn: () => diffConfig(toValue(id), toValue(version) - 1, toValue(version)),
    enabled: computed(() => toValue(version) > 1),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
