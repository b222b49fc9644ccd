/** Bounds that several processes must agree on. Sizes in bytes, times in seconds unless the name says otherwise. */
export const Limits = {
  requestBodyBytes: 1024 * 1024,
  modelRequestBodyBytes: 16 * 1024 * 1024,
  pageSizeDefault: 50,
  pageSizeMax: 200,
  waitSecondsMax: 120,
  labelsMax: 32,
  /** Instances that one request may act on. */
  bulkMax: 1000,
  /** Instances that all rollouts together change in a second. */
  rolloutChangesPerSecond: 10,
  savedViewsMax: 50,
  savedViewNameCharacters: 40,
  labelKeyCharacters: 63,
  labelValueCharacters: 63,
  overridesMax: 100,
  /** Versions of configs that one instance runs on. */
  configLayersMax: 20,
  configDocumentBytes: 256 * 1024,
  configVariablesMax: 100,
  configLocksMax: 100,
  configSecretBytes: 16 * 1024,
  overrideBytes: 16 * 1024,
  chatMessageBytes: 256 * 1024,
  /** Operation ids an entity remembers across continue-as-new. */
  processedOperations: 64,
  /** History length after which an idle entity continues as new even when the server does not suggest it. */
  historyEvents: 2000,
  circuitRepairs: 5,
  circuitWindowSeconds: 15 * 60,
  /** How long a link works. */
  invitationHours: 72,
  invitationsPerRequestMax: 50,
  invitationsPendingMax: 500,
  invitationGrantsMax: 50,
  setupCodeCharacters: 32,
  tenantNameCharacters: 60,
  /** Days that the audit of a tenant, or of the platform, may be kept. */
  auditKeepDaysMin: 30,
  auditKeepDaysMax: 36_500,
  projectNameCharacters: 60,
  projectsMax: 200,
} as const;
