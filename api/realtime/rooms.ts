import type pg from 'pg';
import type { Reach } from '../../prisma/client.ts';
import { EventType, type RealtimeMessage } from '../../workflows/contracts/events.ts';
import { IdPrefix, idPattern } from '../../workflows/contracts/ids.ts';

/** Where a listener may sit: everything of the tenant, one instance, one operation, one rollout. */
export const RoomKind = { tenant: 'tenant', instance: 'instance', operation: 'operation', rollout: 'rollout' } as const;
export type RoomKind = (typeof RoomKind)[keyof typeof RoomKind];

export interface Room {
  readonly kind: RoomKind;
  readonly id: string;
}

const PREFIXES = { tenant: IdPrefix.tenant, instance: IdPrefix.instance, operation: IdPrefix.operation, rollout: IdPrefix.rollout } as const;

/** Reads `instance:ins_…`; null when it is no room. */
export function parseRoom(text: unknown): Room | null {
  const [, kind = '', id = ''] = /^([a-z]+):(.+)$/.exec(typeof text === 'string' ? text : '') ?? [];
  if (!Object.hasOwn(PREFIXES, kind)) return null;
  return new RegExp(idPattern(PREFIXES[kind as RoomKind])).test(id) ? { kind: kind as RoomKind, id } : null;
}

/** Whether the room belongs to the tenant as which `sql` runs. */
export async function isRoomOf(sql: pg.ClientBase, tenantId: string, room: Room): Promise<boolean> {
  if (room.kind === RoomKind.tenant) return room.id === tenantId;
  const { rowCount } = await sql.query(`SELECT 1 FROM ${room.kind} WHERE id = $1`, [room.id]);
  return rowCount === 1;
}

/** Where those sit who asked for the room of the tenant and see only this project of it. */
function projectRoom(projectId: string): string {
  return `project:${projectId}`;
}

/** Where somebody hears of what is theirs alone, and of their own claws, whatever the project. */
function personRoom(tenantId: string, userId: string): string {
  return `person:${tenantId}:${userId}`;
}

/** The rooms in which somebody of this reach hears what happens in the tenant. Nobody can ask for one of the narrow ones by name. */
export function tenantRooms(tenantId: string, userId: string, reach: Reach | null): string[] {
  if (!reach) return [`tenant:${tenantId}`, personRoom(tenantId, userId)];
  return [...reach.projectIds.map(projectRoom), ...reach.selfIds.map((id) => personRoom(tenantId, id))];
}

/** A row of the outbox as far as listeners are told of it. */
export interface OutboxEvent {
  readonly seq: string;
  readonly tenantId: string;
  readonly key: string;
  /** Of the instance that it is about, if it is about one. */
  readonly projectId?: string | null;
  readonly ownerId?: string | null;
  readonly payload: { readonly type?: string; readonly subject?: string; readonly time?: string; readonly data?: { readonly instanceId?: string } };
}

/** The message of an event and the rooms it goes to. */
export function messageOf({ seq, tenantId, key, projectId, ownerId, payload }: OutboxEvent): { message: RealtimeMessage; rooms: string[] } {
  const id = payload.subject ?? key;
  const message = { type: (payload.type ?? '') as EventType, id, tenantId, seq: Number(seq), at: payload.time ?? new Date().toISOString() };
  if (message.type === EventType.notificationUpdated) return { message, rooms: [personRoom(tenantId, id)] };
  const rooms = [`tenant:${tenantId}`];
  if (id.startsWith(`${IdPrefix.instance}_`)) rooms.push(`instance:${id}`);
  if (id.startsWith(`${IdPrefix.operation}_`)) rooms.push(`operation:${id}`);
  if (id.startsWith(`${IdPrefix.rollout}_`)) rooms.push(`rollout:${id}`);
  if (payload.data?.instanceId && payload.data.instanceId !== id) rooms.push(`instance:${payload.data.instanceId}`);
  if (projectId) rooms.push(projectRoom(projectId));
  if (ownerId) rooms.push(personRoom(tenantId, ownerId));
  return { message, rooms };
}
