import { keepPreviousData, useQuery } from '@tanstack/vue-query';
import { computed, type MaybeRefOrGetter } from 'vue';
import { listPersons } from '../../api/persons.ts';
import { QueryKeys } from '../../api/query-keys.ts';
import { useUrlFilter } from '../../composables/use-url-filter.ts';

const ROWS = 20;

/** The page of accounts that the address asks for: `who` is a part of a name, `whoCursor` where it begins. */
export function usePersons(enabled: MaybeRefOrGetter<boolean> = true) {
  const { text, set } = useUrlFilter();
  const filter = computed(() => ({ q: text('who'), cursor: text('whoCursor'), limit: ROWS }));
  const query = useQuery({
    queryKey: computed(() => QueryKeys.personList(filter.value)),
    queryFn: () => listPersons(filter.value),
    placeholderData: keepPreviousData,
    enabled,
  });
  return { query, filter, text, set };
}
