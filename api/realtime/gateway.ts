import type { Server, Socket } from 'socket.io';
import type { Logger } from '../../activities/platform/logger.ts';
import type { Database, Reach } from '../../prisma/client.ts';
import { FAILURES, isFailure } from '../../workflows/contracts/failures.ts';
import type { Authenticator } from '../http/auth.ts';
import { reachOf } from '../http/request-context.ts';
import { isRoomOf, messageOf, type OutboxEvent, parseRoom, type Room, RoomKind, tenantRooms } from './rooms.ts';

/** Answer to `subscribe`. */
export interface SubscribeAnswer {
  readonly ok: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface RealtimeDeps {
  /** The namespace of people: `/`. */
  readonly io: Server;
  readonly authenticator: Authenticator;
  readonly database: Database;
  readonly logger: Logger;
  /** How often the rights of those who listen are looked at again. */
  readonly recheckMilliseconds?: number;
}

export interface RealtimeGateway {
  /** Tells whoever sits in the rooms of these events. */
  publish(events: readonly OutboxEvent[]): void;
  /** Looks now whether this person, everybody of this tenant, or everybody (null) may still listen; whoever may not is cut off. */
  recheck(id: string | null): void;
  close(): void;
}

interface Listener {
  tenantId: string;
  userId: string;
  /** How much of the tenant they hear of; null: all. */
  reach: Reach | null;
}

/** socket.io for the portal and the command line: ids and what happened; whoever hears it fetches what it shows. */
export function createRealtimeGateway({ io, authenticator, database, logger, recheckMilliseconds = 60_000 }: RealtimeDeps): RealtimeGateway {
  const people = io.of('/');
  people.use((socket, next) => {
    identify(authenticator, socket).then(
      () => next(),
      (error: unknown) => next(refusedConnection(error)),
    );
  });
  people.on('connection', (socket) => {
    socket.on('subscribe', async (request: { room?: unknown } | undefined, ack?: (answer: SubscribeAnswer) => void) => {
      const answer = await subscribe(database, socket, request?.room).catch((error: Error) => {
        logger.warn({ reason: error.message }, 'a subscription could not be checked');
        return refused('DATABASE_UNAVAILABLE');
      });
      if (typeof ack === 'function') ack(answer);
    });
    socket.on('unsubscribe', (request: { room?: unknown } | undefined) => {
      leave(socket, request?.room);
    });
  });
  const recheck = (id: string | null) => {
    for (const socket of people.sockets.values()) {
      const { userId, tenantId } = socket.data as Listener;
      if (id === null || id === userId || id === tenantId) void dropWithoutRights({ authenticator, database }, socket);
    }
  };
  const rechecks = setInterval(() => recheck(null), recheckMilliseconds);
  return {
    recheck,
    publish: (events) => {
      for (const event of events) {
        const { message, rooms } = messageOf(event);
        people.to(rooms).emit('message', message);
      }
    },
    close: () => clearInterval(rechecks),
  };
}

async function identify(authenticator: Authenticator, socket: Socket): Promise<void> {
  const authenticated = await authenticator.authenticate(requestOf(socket), { strictOrigin: true });
  if (!authenticated) throw Object.assign(new Error(FAILURES.UNAUTHENTICATED.title), { code: 'UNAUTHENTICATED' });
  const { actor } = authenticated;
  Object.assign(socket.data as Listener, { tenantId: actor.tenantId, userId: actor.userId, reach: reachOf(actor) });
}

/** A key may also come in the first packet, for clients that cannot set headers; never in the URL. */
function requestOf(socket: Socket): Socket['request'] {
  const { token } = socket.handshake.auth as { token?: unknown };
  if (typeof token === 'string' && socket.request.headers.authorization === undefined) socket.request.headers.authorization = `Bearer ${token}`;
  return socket.request;
}

function refusedConnection(error: unknown): Error {
  const code = isFailure(error) ? error.code : ((error as { code?: string }).code ?? 'INTERNAL');
  const known = code in FAILURES ? (code as keyof typeof FAILURES) : 'INTERNAL';
  return Object.assign(new Error(isFailure(error) ? error.message : FAILURES[known].title), { data: { code: known, nextStep: FAILURES[known].nextStep } });
}

async function subscribe(database: Database, socket: Socket, wanted: unknown): Promise<SubscribeAnswer> {
  const room = parseRoom(wanted);
  if (!room || !(await mayHear(database, socket, room))) return refused('NOT_FOUND');
  const { tenantId, userId, reach } = socket.data as Listener;
  await socket.join(room.kind === RoomKind.tenant ? tenantRooms(tenantId, userId, reach) : `${room.kind}:${room.id}`);
  return { ok: true };
}

function mayHear(database: Database, socket: Socket, room: Room): Promise<boolean> {
  const { tenantId, reach } = socket.data as Listener;
  return database.within(reach, () => database.withTenantSql(tenantId, (sql) => isRoomOf(sql, tenantId, room)));
}

function leave(socket: Socket, name: unknown): void {
  const room = parseRoom(name);
  const { tenantId, userId, reach } = socket.data as Listener;
  const rooms = room?.kind === RoomKind.tenant && room.id === tenantId ? tenantRooms(tenantId, userId, reach) : typeof name === 'string' ? [name] : [];
  for (const one of rooms) void socket.leave(one);
}

function refused(code: keyof typeof FAILURES): SubscribeAnswer {
  return { ok: false, error: { code, message: FAILURES[code].title } };
}

/**
 * Ends a connection whose session ended, whose key was revoked, or whose person sees another part of the tenant than before; they come
 * again. Takes it out of rooms of what they see no longer. A database that is away takes nobody's rights.
 */
async function dropWithoutRights({ authenticator, database }: Pick<RealtimeDeps, 'authenticator' | 'database'>, socket: Socket): Promise<void> {
  const { tenantId, reach } = socket.data as Listener;
  try {
    const authenticated = await authenticator.authenticate(requestOf(socket), { strictOrigin: true });
    if (authenticated?.actor.tenantId === tenantId && JSON.stringify(reachOf(authenticated.actor)) === JSON.stringify(reach)) {
      if (reach) await leaveHidden(database, socket);
      return;
    }
  } catch (error) {
    if (!isFailure(error) || error.code === 'DATABASE_UNAVAILABLE') return;
  }
  socket.disconnect(true);
}

async function leaveHidden(database: Database, socket: Socket): Promise<void> {
  for (const name of socket.rooms) {
    const room = parseRoom(name);
    if (room && !(await mayHear(database, socket, room))) await socket.leave(name);
  }
}
