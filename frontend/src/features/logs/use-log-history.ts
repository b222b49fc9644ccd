import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query';
import { computed, type MaybeRefOrGetter, toValue } from 'vue';
import type { LogSearchQuery } from '../../api/logs.ts';
import { searchLogs } from '../../api/logs.ts';
import type { LogLine } from './log-lines.ts';

const PAGE = 500;

/** Lines that match, newest first, from the host and the archive; older pages on demand. */
export function useLogHistory(id: MaybeRefOrGetter<string>, filter: MaybeRefOrGetter<LogSearchQuery>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => ['logs', toValue(id), toValue(filter)]),
    queryFn: ({ pageParam, signal }) => searchLogs(toValue(id), { ...toValue(filter), limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    // A search reads much; it is made anew when it is asked anew.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const pages = computed(() => query.data.value?.pages ?? []);
  const lines = computed<readonly LogLine[]>(() =>
    pages.value.flatMap((page) => page.items).map(({ at, text }, index) => ({ seq: index + 1, at, stream: 'output', text })),
  );
  return {
    query,
    lines,
    hostAway: computed(() => pages.value[0]?.host === 'away'),
    searchedBytes: computed(() => pages.value.reduce((sum, page) => sum + page.searchedBytes, 0)),
    reached: computed(() => pages.value.at(-1)?.searchedFrom ?? null),
  };
}
