import { keepPreviousData, useQuery } from '@tanstack/vue-query';
import { refDebounced } from '@vueuse/core';
import type { Ref } from 'vue';
import { computed } from 'vue';
import { checkInstance } from '../../api/instances.ts';
import type { InstanceDraft } from './draft.ts';
import { createBody, errorsByField, isInstanceName } from './draft.ts';

const PROBE_NAME = 'name-to-be-chosen';

/** Asks the API, a moment after the last keystroke, whether the draft would be accepted. Before there is a name only the rest is judged. */
export function useDraftCheck(draft: Ref<InstanceDraft>) {
  const body = computed(() => createBody(draft.value));
  const named = computed(() => isInstanceName(body.value.name));
  const probe = computed(() => ({ ...body.value, name: named.value ? body.value.name : PROBE_NAME }));
  const settled = refDebounced(probe, 300);
  const query = useQuery({
    queryKey: computed(() => ['dry-run', settled.value]),
    queryFn: () => checkInstance(settled.value),
    enabled: computed(() => settled.value.type !== ''),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });
  const current = computed(() => JSON.stringify(settled.value) === JSON.stringify(probe.value) && !query.isFetching.value);
  const errors = computed(() => errorsByField(query.data.value?.errors ?? [], settled.value.config?.overrides ?? []));
  const ready = computed(() => named.value && current.value && query.data.value?.valid === true);
  return {
    query,
    body,
    named,
    current,
    errors,
    ready,
    spec: computed(() => query.data.value?.spec ?? null),
    problem: computed(() => query.data.value?.problem ?? null),
  };
}
