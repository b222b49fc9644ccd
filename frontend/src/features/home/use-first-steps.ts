import { useQuery } from '@tanstack/vue-query';
import { useLocalStorage } from '@vueuse/core';
import type { Ref } from 'vue';
import { computed, watchEffect } from 'vue';
import { listApiKeys } from '../../api/account.ts';
import { listProviders } from '../../api/models.ts';
import { listInvitations, listMembers } from '../../api/people.ts';
import type { Overview } from '../../api/platform.ts';
import { QueryKeys } from '../../api/query-keys.ts';
import { useSession } from '../../composables/use-session.ts';
import { firstSteps, fleetParts } from './home-view.ts';

/** The first steps of a fleet and which of them are done; asked for only while somebody who could do them has not put them away. */
export function useFirstSteps(overview: Readonly<Ref<Overview | undefined>>) {
  const { me, can } = useSession();
  const hidden = useLocalStorage('clawloops-first-steps-hidden', false);
  const total = computed(() => (overview.value === undefined ? undefined : fleetParts(overview.value.instances.byPhase).total));
  const wanted = computed(() => me.value !== null && can('create', 'Instance') && (!hidden.value || total.value === 0));
  const providers = useQuery({ queryKey: QueryKeys.providers, queryFn: listProviders, enabled: wanted });
  const keys = useQuery({ queryKey: QueryKeys.apiKeys, queryFn: listApiKeys, enabled: wanted });
  const inviting = computed(() => wanted.value && can('create', 'Invitation'));
  // Two are enough to know that somebody else is here.
  const members = useQuery({ queryKey: QueryKeys.memberList({ limit: 2 }), queryFn: () => listMembers({ limit: 2 }), enabled: inviting });
  const waiting = useQuery({
    queryKey: QueryKeys.invitationList({ state: 'pending', limit: 1 }),
    queryFn: () => listInvitations({ state: 'pending', limit: 1 }),
    enabled: inviting,
  });
  const people = computed(() => {
    if (!inviting.value) return null;
    return members.data.value === undefined || waiting.data.value === undefined ? undefined : members.data.value.items.length + waiting.data.value.items.length;
  });
  const pending = computed(() => wanted.value && [providers, keys, ...(inviting.value ? [members, waiting] : [])].some(({ isPending }) => isPending.value));
  const steps = computed(() => {
    if (!wanted.value || overview.value === undefined || total.value === undefined || providers.data.value === undefined || keys.data.value === undefined)
      return [];
    if (people.value === undefined) return [];
    return firstSteps({
      instances: total.value,
      requests: overview.value.usage24h.requests,
      providers: providers.data.value.items.length,
      apiKeys: keys.data.value.items.length,
      people: people.value,
    });
  });
  // A fleet that was quiet for a day has not forgotten how to chat.
  watchEffect(() => {
    if (steps.value.length > 0 && steps.value.every((step) => step.done)) hidden.value = true;
  });
  return { pending, steps, hide: () => (hidden.value = true) };
}
