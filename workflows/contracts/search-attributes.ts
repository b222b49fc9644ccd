/**
 * Search attributes the Temporal namespace must have. They are stored in clear text: ids and codes only, never names.
 * `type` is the spelling that `temporal … --search-attribute NAME=TYPE` expects.
 */
export const SEARCH_ATTRIBUTES = [
  { name: 'ClawTenant', type: 'Keyword' },
  { name: 'ClawInstance', type: 'Keyword' },
  { name: 'ClawKind', type: 'Keyword' },
  { name: 'ClawPhase', type: 'Keyword' },
  { name: 'ClawGeneration', type: 'Int' },
] as const;
