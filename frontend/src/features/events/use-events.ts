import { useInfiniteQuery } from '@tanstack/vue-query';
import { useWindowScroll } from '@vueuse/core';
import type { MaybeRefOrGetter } from 'vue';
import { computed, shallowRef, toValue, watch } from 'vue';
import type { FleetEventView } from '../../../../workflows/contracts/fleet-event.ts';
import { type EventQuery, listEvents } from '../../api/events.ts';
import { QueryKeys } from '../../api/query-keys.ts';
import { type Shown, shownOf } from './event-view.ts';

const PAGE = 50;
/** Whoever has scrolled less than this still looks at the top. */
const TOP_PX = 160;

/** Events that match, live: new ones come in by themselves at the top, and wait while somebody reads further down. */
export function useEvents(filter: MaybeRefOrGetter<EventQuery>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => QueryKeys.eventList(toValue(filter))),
    queryFn: ({ pageParam }) => listEvents({ ...toValue(filter), limit: PAGE, ...(pageParam === '' ? {} : { cursor: pageParam }) }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const { y } = useWindowScroll();
  const shown = shallowRef<Shown>({ events: [], waiting: 0 });
  const fresh = computed<readonly FleetEventView[]>(() => query.data.value?.pages.flatMap(({ items }) => items) ?? []);
  const key = computed(() => JSON.stringify(toValue(filter)));
  watch([fresh, key], ([events, now], [, before]) => (shown.value = shownOf(shown.value.events, events, now === before && y.value > TOP_PX)), {
    immediate: true,
  });

  /** Shows what waits, from the top. */
  function catchUp(): void {
    shown.value = { events: fresh.value, waiting: 0 };
    window.scrollTo({ top: 0 });
  }
  return { query, shown, catchUp };
}
