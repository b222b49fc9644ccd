import { QueryCache, QueryClient } from '@tanstack/vue-query';
import { asProblem, isTransient } from './problem.ts';

const RETRIES_MAX = 2;

/**
 * Cache of everything read from the API. Events make entries stale; until then a visited page shows at once what it knew.
 * `onSignedOut` is called when an answer says that the session has ended.
 */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (asProblem(error).status === 401) onSignedOut();
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) => failures < RETRIES_MAX && isTransient(error),
        retryDelay: (attempt) => 500 * 2 ** attempt,
      },
      mutations: { retry: false },
    },
  });
}
