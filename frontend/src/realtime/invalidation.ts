import type { RealtimeMessage } from '../../../workflows/contracts/events.ts';
import { EventType } from '../../../workflows/contracts/events.ts';
import { QueryKeys } from '../api/query-keys.ts';

type QueryKey = readonly unknown[];

/** Which cached answers a message makes stale. Details of other instances stay as they are: lists are refetched, details only by id. */
export function staleKeys(message: Pick<RealtimeMessage, 'type' | 'id'>): readonly QueryKey[] {
  switch (message.type) {
    case EventType.instanceUpdated:
    case EventType.instanceDestroyed:
      return [['instances', 'list'], QueryKeys.instance(message.id), QueryKeys.overview, QueryKeys.hosts];
    case EventType.operationUpdated:
      return [['operations', 'list'], QueryKeys.operation(message.id), QueryKeys.overview];
    case EventType.hostUpdated:
      return [QueryKeys.hosts];
    case EventType.providerUpdated:
      return [QueryKeys.providers, QueryKeys.models];
    case EventType.memberUpdated:
      return [QueryKeys.members, QueryKeys.invitations, QueryKeys.session];
    case EventType.rolloutUpdated:
      return [['rollouts', 'list'], QueryKeys.rollout(message.id)];
    case EventType.eventRecorded:
      return [QueryKeys.events];
    case EventType.notificationUpdated:
      return [QueryKeys.notifications];
    default:
      return [];
  }
}

/** The union of what several messages make stale, each key once, so that a burst costs one refetch. */
export function mergeStaleKeys(messages: readonly Pick<RealtimeMessage, 'type' | 'id'>[]): readonly QueryKey[] {
  const unique = new Map<string, QueryKey>();
  for (const message of messages) for (const key of staleKeys(message)) unique.set(JSON.stringify(key), key);
  return [...unique.values()];
}
