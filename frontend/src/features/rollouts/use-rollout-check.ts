import { keepPreviousData, useQuery } from '@tanstack/vue-query';
import { refDebounced } from '@vueuse/core';
import { computed, type Ref } from 'vue';
import { asProblem } from '../../api/problem.ts';
import { previewRollout } from '../../api/rollouts.ts';
import { planBody, type RolloutDraft } from './rollout-draft.ts';

const TYPING_MS = 300;

/** Asks the API, a moment after the last keystroke, who would land in which wave. */
export function useRolloutCheck(draft: Ref<RolloutDraft>) {
  const body = computed(() => planBody(draft.value));
  const settled = refDebounced(body, TYPING_MS);
  const query = useQuery({
    queryKey: computed(() => ['rollout-preview', settled.value]),
    queryFn: () => (settled.value === null ? Promise.reject(new Error('nothing to look at')) : previewRollout(settled.value)),
    enabled: computed(() => settled.value !== null),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  const problem = computed(() => (query.error.value === null || body.value === null ? null : asProblem(query.error.value)));
  const preview = computed(() => (body.value === null || problem.value !== null ? null : (query.data.value ?? null)));
  const current = computed(() => JSON.stringify(settled.value) === JSON.stringify(body.value) && !query.isFetching.value);
  const refused = computed(() => preview.value?.waves.flatMap(({ targets }) => targets.filter(({ refusal }) => refusal !== null)) ?? []);
  const ready = computed(() => current.value && preview.value !== null && refused.value.length === 0 && preview.value.conflicts.length === 0);
  return { preview, problem, refused, current, ready, wanted: computed(() => body.value !== null) };
}
