import { useQuery } from '@tanstack/vue-query';
import { getHealth } from '../../api/platform.ts';
import { QueryKeys } from '../../api/query-keys.ts';

/** The health of the platform, asked again every so often while it is shown. */
export function useHealth(everyMs: number) {
  return useQuery({ queryKey: QueryKeys.health, queryFn: getHealth, staleTime: 1000, refetchInterval: everyMs });
}
