import type { FailureCode } from './failures.ts';
import type { OperationKind, Retention, StepName } from './operation.ts';

export const Severity = { info: 'info', warning: 'warning', error: 'error' } as const;
export type Severity = (typeof Severity)[keyof typeof Severity];

/** Severities from this one up. */
export function severitiesFrom(least: Severity): readonly Severity[] {
  const all = Object.values(Severity);
  return all.slice(all.indexOf(least));
}

/** What an event says besides whom it is about, by its type. Never a secret, never what people said to a claw. */
export interface FleetEventData {
  /** The process ended by itself; `restarts` so far, `signal` when a signal ended it. */
  readonly 'instance.crashed': { readonly exitCode: number | null; readonly signal: string | null; readonly restarts: number };
  readonly 'instance.out-of-memory': { readonly restarts: number };
  /** It did not answer its health probe and is restarted. */
  readonly 'instance.unresponsive': { readonly restarts: number };
  /** It cannot be brought up where it is; the runtime tries again. */
  readonly 'instance.blocked': { readonly code: FailureCode; readonly message: string };
  /** It runs and does not answer, or not any more. */
  readonly 'instance.degraded': Nothing;
  readonly 'instance.running': Nothing;
  /** Too many crashes: it was stopped for good. */
  readonly 'instance.circuit-opened': { readonly crashes: number; readonly minutes: number };
  /** A change of settings reached the running process without a restart. */
  readonly 'instance.config-applied': { readonly generation: number };
  /** Its files were changed by hand. */
  readonly 'instance.drifted': Nothing;
  readonly 'operation.accepted': { readonly kind: OperationKind };
  readonly 'operation.retrying': { readonly kind: OperationKind; readonly step: StepName; readonly code: FailureCode; readonly message: string };
  /** `seconds` from its start to its end; `retention` of a destroy. */
  readonly 'operation.succeeded': { readonly kind: OperationKind; readonly seconds: number; readonly retention: Retention | null };
  readonly 'operation.failed': { readonly kind: OperationKind; readonly code: FailureCode; readonly message: string };
  readonly 'operation.cancelled': { readonly kind: OperationKind };
  readonly 'provider.added': Nothing;
  readonly 'provider.removed': Nothing;
  readonly 'provider.verified': Nothing;
  readonly 'provider.refused': { readonly code: FailureCode; readonly message: string };
  readonly 'host.connected': { readonly bridgeVersion: string | null };
  readonly 'host.disconnected': Nothing;
  readonly 'api-key.created': Nothing;
  readonly 'api-key.revoked': Nothing;
  readonly 'person.signed-in': Nothing;
  /** `role`: what they are in the tenant now; `before` what they were. */
  readonly 'member.joined': { readonly role: string };
  readonly 'member.role-changed': { readonly role: string; readonly before: string };
  readonly 'member.removed': Nothing;
  readonly 'member.left': Nothing;
  readonly 'rollout.created': { readonly targets: number };
  readonly 'rollout.awaiting-approval': Nothing;
  /** `message`: a sentence. */
  readonly 'rollout.paused': { readonly message: string };
  readonly 'rollout.rolling-back': { readonly message: string };
  readonly 'rollout.succeeded': { readonly targets: number };
  readonly 'rollout.rolled-back': Nothing;
  readonly 'rollout.aborted': { readonly message: string };
  readonly 'rollout.failed': { readonly message: string };
  readonly 'invitation.sent': { readonly role: string };
  readonly 'invitation.revoked': Nothing;
}
type Nothing = Readonly<Record<never, never>>;
export type FleetEventType = keyof FleetEventData;

/** Every type of event with how bad it is. */
export const FLEET_EVENTS: Readonly<Record<FleetEventType, Severity>> = {
  'instance.crashed': 'warning',
  'instance.out-of-memory': 'error',
  'instance.unresponsive': 'warning',
  'instance.blocked': 'error',
  'instance.degraded': 'warning',
  'instance.running': 'info',
  'instance.circuit-opened': 'error',
  'instance.config-applied': 'info',
  'instance.drifted': 'warning',
  'operation.accepted': 'info',
  'operation.retrying': 'warning',
  'operation.succeeded': 'info',
  'operation.failed': 'error',
  'operation.cancelled': 'warning',
  'provider.added': 'info',
  'provider.removed': 'info',
  'provider.verified': 'info',
  'provider.refused': 'error',
  'host.connected': 'info',
  'host.disconnected': 'warning',
  'api-key.created': 'info',
  'api-key.revoked': 'info',
  'person.signed-in': 'info',
  'member.joined': 'info',
  'member.role-changed': 'info',
  'member.removed': 'warning',
  'member.left': 'info',
  'rollout.created': 'info',
  'rollout.awaiting-approval': 'info',
  'rollout.paused': 'warning',
  'rollout.rolling-back': 'warning',
  'rollout.succeeded': 'info',
  'rollout.rolled-back': 'warning',
  'rollout.aborted': 'warning',
  'rollout.failed': 'error',
  'invitation.sent': 'info',
  'invitation.revoked': 'info',
};
export const FLEET_EVENT_TYPES = Object.keys(FLEET_EVENTS) as [FleetEventType, ...FleetEventType[]];

/** Events about who comes and with what: for those who look after the tenant. */
export const ACCOUNT_EVENTS: readonly FleetEventType[] = [
  'api-key.created',
  'api-key.revoked',
  'person.signed-in',
  'member.joined',
  'member.role-changed',
  'member.removed',
  'member.left',
  'invitation.sent',
  'invitation.revoked',
];

/** What an event is about. */
export const EventSubject = {
  instance: 'instance',
  host: 'host',
  provider: 'provider',
  apiKey: 'api-key',
  person: 'person',
  invitation: 'invitation',
  rollout: 'rollout',
} as const;
export type EventSubject = (typeof EventSubject)[keyof typeof EventSubject];

/** Who made it happen. */
export const EventActor = { person: 'person', key: 'key', platform: 'platform' } as const;
export type EventActor = (typeof EventActor)[keyof typeof EventActor];

/** An event of one type as people see it. `count` equal ones happened from `firstAt` to `lastAt`. */
export interface FleetEventOf<T extends FleetEventType> {
  readonly id: string;
  readonly type: T;
  readonly severity: Severity;
  /** A plain sentence in English. */
  readonly message: string;
  readonly subject: { readonly kind: EventSubject; readonly id: string; readonly name: string };
  /** Id and name are null for the platform itself, the name also for somebody who is gone. */
  readonly actor: { readonly kind: EventActor; readonly id: string | null; readonly name: string | null };
  readonly instanceId: string | null;
  readonly hostId: string | null;
  readonly operationId: string | null;
  readonly requestId: string | null;
  readonly count: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly data: FleetEventData[T];
}

/** Any event: narrowing `type` narrows `data`. */
export type FleetEventView = { readonly [T in FleetEventType]: FleetEventOf<T> }[FleetEventType];
