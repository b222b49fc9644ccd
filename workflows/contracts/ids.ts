/**
 * Every identifier that crosses a process border: prefixes of resource ids and the ids of workflows.
 * A resource id is its prefix, an underscore and 20 lower-case Crockford base-32 characters of a UUIDv7, so ids sort by age.
 */
export const IdPrefix = {
  tenant: 'ten',
  project: 'prj',
  user: 'usr',
  apiKey: 'key',
  invitation: 'inv',
  instance: 'ins',
  operation: 'op',
  host: 'hst',
  provider: 'prv',
  modelKey: 'clk',
  usage: 'usg',
  audit: 'aud',
  clawType: 'typ',
  bridgeSession: 'bs',
  event: 'evt',
  view: 'viw',
  entry: 'ent',
  logArchive: 'lga',
  mail: 'mai',
  notification: 'ntf',
  dataKey: 'dky',
  keyRotation: 'rot',
  tenantWork: 'twk',
  rollout: 'rol',
  rolloutCommand: 'rlc',
  approval: 'apv',
  verdict: 'vdt',
  config: 'cfg',
} as const;
export type IdPrefix = (typeof IdPrefix)[keyof typeof IdPrefix];

const BODY = '[0-9a-hjkmnp-tv-z]{20}';

/** A regular expression source that matches exactly one id of this prefix. */
export function idPattern(prefix: IdPrefix): string {
  return `^${prefix}_${BODY}$`;
}

/** Instance names: DNS-label-like, at most 40 characters. */
export const INSTANCE_NAME_PATTERN = '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$';

/** Workflow id of the entity that is the single writer for an instance. */
export function instanceWorkflowId(instanceId: string): string {
  return `instance/${instanceId}`;
}

/** Workflow id of the observer that turns a host's facts into signals. */
export function hostObserverWorkflowId(hostId: string): string {
  return `host/${hostId}/observer`;
}

/** Workflow id of the one that keeps metrics summed up and short. */
export const METRICS_WORKFLOW_ID = 'housekeeping/metrics';

/** Workflow id of one verification of a provider credential. */
export function providerVerifyWorkflowId(providerId: string, revision: number): string {
  return `provider/${providerId}/verify/${revision}`;
}

/** Workflow id of the one that sends a message. */
export function mailWorkflowId(mailId: string): string {
  return `mail/${mailId}`;
}

/** Workflow id of the one that gives everything that is sealed a new key. */
export function keyRotationWorkflowId(rotationId: string): string {
  return `secrets/rotation/${rotationId}`;
}

/** Workflow id of the suspension or deletion of a tenant. */
export function tenantWorkflowId(tenantId: string, workId: string): string {
  return `tenant/${tenantId}/${workId}`;
}

/** Workflow id of a rollout. */
export function rolloutWorkflowId(rolloutId: string): string {
  return `rollout/${rolloutId}`;
}

/** Workflow id of one batch of a rollout's targets; `pass` counts every batch of the rollout. */
export function rolloutBatchWorkflowId(rolloutId: string, pass: number, wave: number): string {
  return `${rolloutWorkflowId(rolloutId)}/pass/${pass}/wave/${wave}`;
}
