import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query';
import { computed, type MaybeRefOrGetter, toValue } from 'vue';
import type { RolloutControl } from '../../../../workflows/contracts/rollout.ts';
import { QueryKeys } from '../../api/query-keys.ts';
import { controlRollout, getRollout, listRollouts, listRolloutTargets, type RolloutQuery, type TargetQuery } from '../../api/rollouts.ts';
import { useCommand } from '../../composables/use-command.ts';
import { isMoving } from './rollout-view.ts';

/** What is being counted changes faster than messages are sent. */
const LOOK_MS = 2000;
const TARGETS = 200;

/** A page of rollouts. */
export function useRolloutList(filter: MaybeRefOrGetter<RolloutQuery>) {
  return useQuery({
    queryKey: computed(() => QueryKeys.rolloutList(toValue(filter))),
    queryFn: () => listRollouts(toValue(filter)),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.items.some(({ phase }) => isMoving(phase)) ? LOOK_MS : false),
  });
}

/** One rollout, looked at while it moves. */
export function useRollout(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => QueryKeys.rollout(toValue(id))),
    queryFn: () => getRollout(toValue(id)),
    refetchInterval: ({ state }) => (state.data && isMoving(state.data.phase) ? LOOK_MS : false),
  });
}

/** Its targets, in the order of their waves; more come when they are asked for. */
export function useRolloutTargets(
  id: MaybeRefOrGetter<string>,
  filter: MaybeRefOrGetter<Pick<TargetQuery, 'state' | 'wave'>>,
  moving: MaybeRefOrGetter<boolean>,
) {
  const query = useInfiniteQuery({
    queryKey: computed(() => QueryKeys.rolloutTargets(toValue(id), toValue(filter))),
    queryFn: ({ pageParam }) => listRolloutTargets(toValue(id), { ...toValue(filter), limit: TARGETS, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: () => (toValue(moving) ? LOOK_MS : false),
  });
  return { query, targets: computed(() => query.data.value?.pages.flatMap(({ items }) => items) ?? []) };
}

/** Decides about a rollout; what becomes of it is seen on its page. */
export function useRolloutControl(id: MaybeRefOrGetter<string>, onDone: (control: RolloutControl) => void) {
  const client = useQueryClient();
  const { refused } = useCommand();
  return useMutation({
    mutationFn: ({ control, comment }: { control: RolloutControl; comment?: string }) => controlRollout(toValue(id), control, comment),
    onSuccess: (rollout, { control }) => {
      client.setQueryData(QueryKeys.rollout(rollout.id), rollout);
      void client.invalidateQueries({ queryKey: QueryKeys.rollouts });
      onDone(control);
    },
    onError: refused,
  });
}
