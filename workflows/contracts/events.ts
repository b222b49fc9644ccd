/** CloudEvents types that the outbox carries and the realtime gateway repeats. */
export const EventType = {
  instanceUpdated: 'instance.updated',
  instanceDestroyed: 'instance.destroyed',
  operationUpdated: 'operation.updated',
  hostUpdated: 'host.updated',
  providerUpdated: 'provider.updated',
  /** A membership or an invitation changed. */
  memberUpdated: 'member.updated',
  rolloutUpdated: 'rollout.updated',
  /** A row of the events feed is new or counts one more. */
  eventRecorded: 'event.recorded',
  /** Somebody has a new notification, or read one; the id is theirs, and nobody else hears of it. */
  notificationUpdated: 'notification.updated',
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

/** What a browser or CLI receives over socket.io; it refetches what it shows. `seq` is the outbox number. */
export interface RealtimeMessage {
  readonly type: EventType;
  readonly id: string;
  readonly tenantId: string;
  readonly seq: number;
  readonly at: string;
}
