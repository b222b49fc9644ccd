import { useQuery } from '@tanstack/vue-query';
import { computed } from 'vue';
import { listNotifications } from '../../api/notifications.ts';
import { QueryKeys } from '../../api/query-keys.ts';
import { useSession } from '../../composables/use-session.ts';

/** How many notifications whoever is signed in did not read; kept fresh by events. */
export function useUnreadCount() {
  const { can } = useSession();
  const query = useQuery({
    queryKey: QueryKeys.unreadNotifications,
    queryFn: () => listNotifications({ limit: 1, unread: 'true' }),
    enabled: () => can('read', 'Notification'),
  });
  return computed(() => query.data.value?.unread ?? 0);
}
