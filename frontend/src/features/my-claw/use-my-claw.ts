import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query';
import { createMyClaw, getMyClaw } from '../../api/claw-pages.ts';
import { QueryKeys } from '../../api/query-keys.ts';
import { useCommand } from '../../composables/use-command.ts';

/** One's own claw, live: it is one of the instances, so what refreshes lists of those refreshes it. */
export function useMyClaw() {
  const client = useQueryClient();
  const { refused } = useCommand();
  const queryKey = QueryKeys.instanceList({ mine: true });
  const query = useQuery({ queryKey, queryFn: getMyClaw });
  const create = useMutation({ mutationFn: createMyClaw, onSuccess: () => client.invalidateQueries({ queryKey }), onError: refused });
  return { query, create };
}
