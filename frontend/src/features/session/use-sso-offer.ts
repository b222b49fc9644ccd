import { useMutation, useQuery } from '@tanstack/vue-query';
import { refDebounced } from '@vueuse/core';
import { computed, type Ref, ref } from 'vue';
import { QueryKeys } from '../../api/query-keys.ts';
import { findSso, leaveForSso } from '../../api/sso.ts';
import { domainOf } from './domain-of.ts';

/** The identity provider that leads in whoever has this address, as soon as its domain is typed. `next`: where to go afterwards. */
export function useSsoOffer(email: Ref<string>, next: () => string) {
  const domain = computed(() => domainOf(email.value));
  const typed = refDebounced(domain, 300);
  const found = useQuery({
    queryKey: computed(() => QueryKeys.ssoProvider(typed.value)),
    queryFn: () => findSso(typed.value),
    enabled: () => typed.value !== '',
    staleTime: 60_000,
    retry: false,
  });
  const provider = computed(() => (typed.value === domain.value ? (found.data.value ?? null) : null));
  /** Somebody has a password for this domain all the same: an owner, or a member elsewhere. */
  const prefersPassword = ref(false);
  const isOnlyWay = computed(() => provider.value?.enforced === true && !prefersPassword.value);
  const leave = useMutation({ mutationFn: () => leaveForSso(email.value.trim(), next()) });
  return { provider, isOnlyWay, prefersPassword, leave };
}
