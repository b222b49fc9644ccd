/** Every cache key of the portal. Lists and details share a first element so that one event refreshes both. */
export const QueryKeys = {
  session: ['session'] as const,
  instances: ['instances'] as const,
  instanceList: (filter: object) => ['instances', 'list', filter] as const,
  instance: (id: string) => ['instances', 'detail', id] as const,
  instanceConfig: (id: string) => ['instances', 'detail', id, 'config'] as const,
  instanceUsage: (id: string) => ['instances', 'detail', id, 'usage'] as const,
  operations: ['operations'] as const,
  operationList: (filter: object) => ['operations', 'list', filter] as const,
  operation: (id: string) => ['operations', 'detail', id] as const,
  hosts: ['hosts'] as const,
  clawTypes: ['claw-types'] as const,
  providers: ['providers'] as const,
  models: ['models'] as const,
  overview: ['overview'] as const,
  health: ['health'] as const,
  apiKeys: ['api-keys'] as const,
};
