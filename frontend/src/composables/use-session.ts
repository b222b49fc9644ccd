import { useQuery } from '@tanstack/vue-query';
import { computed } from 'vue';
import { getMe } from '../api/account.ts';
import { QueryKeys } from '../api/query-keys.ts';
import type { Action, Item, Subject } from './abilities.ts';
import { isAllowed } from './abilities.ts';

/** Who is signed in and what they may do. The API decides; this only spares people buttons that would be refused. */
export function useSession() {
  const query = useQuery({ queryKey: QueryKeys.session, queryFn: getMe, staleTime: 5 * 60_000, retry: false });
  const me = computed(() => query.data.value ?? null);
  const can = (action: Action, subject: Subject, item?: Item): boolean => isAllowed(me.value?.abilities ?? [], action, subject, item);
  return { query, me, can };
}
