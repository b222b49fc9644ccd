import type pg from 'pg';
import type { Server } from 'socket.io';
import { secretHash } from '../../activities/platform/ids.ts';
import type { Logger } from '../../activities/platform/logger.ts';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import type { HostLink } from '../../activities/runtime/host/host-link.ts';
import {
  type Ack,
  type ApiToBridge,
  BRIDGE_NAMESPACE,
  type BridgeHello,
  type BridgeLogLevel,
  type BridgeToApi,
  type DesiredDelta,
} from '../../workflows/contracts/bridge-protocol.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { HostInfo } from '../../workflows/contracts/host.ts';
import { toFailure } from '../http/problem.ts';
import { packetProblem } from './bridge-packets.ts';
import { storeFacts } from './fact-intake.ts';
import { findHost, markConnected, markDisconnected, markSeen, sweepSilentHosts } from './host-presence.ts';
import { type BridgeSocket, createHostSession, type HostSession } from './host-session.ts';
import { storeTicks } from './metric-intake.ts';
import { noteUnknownClaws } from './unknown-claws.ts';
import { everyWorkload, listenForWorkloads, oneWorkload } from './workload-feed.ts';

export interface BridgeGatewayDeps {
  /** The socket.io server at `BRIDGE_SOCKET_PATH`. */
  readonly io: Server;
  /** Pool of the system role; one of its connections listens. */
  readonly systemPool: pg.Pool;
  readonly secrets: SecretBox;
  readonly logger: Logger;
}

/** The bridges that are connected to this process. */
export interface BridgeGateway extends HostLink {
  /** Makes the bridges that are connected here, and those that connect later, log at this level for a while; null = as configured. */
  logLevel(order: BridgeLogLevel | null): void;
  /** Ends every session; the bridges dial again. */
  close(): Promise<void>;
}

const SEEN_MILLISECONDS = 10_000;
const SILENT_SECONDS = 30;

/**
 * The end of the bridges in the API: accepts host tokens, keeps one session per host, hands on desired workloads as they change and keeps
 * the facts that come back. Everything survives the loss of the database: a bridge that cannot be served dials again and is told all.
 */
export function createBridgeGateway({ io, systemPool: pool, secrets, logger }: BridgeGatewayDeps): BridgeGateway {
  const sessions = new Map<string, HostSession>();
  let logOrder: { readonly level: BridgeLogLevel['level']; readonly endsAt: number } | null = null;
  // The server is shared with browsers, so it does not know what bridges say; this namespace does.
  const bridges = io as unknown as Server<BridgeToApi, ApiToBridge, Record<string, never>, BridgeSocket['data']>;
  const namespace = bridges.of(BRIDGE_NAMESPACE);

  const push = (session: HostSession, read: () => Promise<DesiredDelta>): void => {
    void session.inOrder(async () => {
      try {
        const delta = await read();
        if (sessions.get(session.hostId) === session) await session.desired(delta);
      } catch (error) {
        logger.warn({ hostId: session.hostId, reason: (error as Error).message }, 'a bridge could not be told of its workloads; it dials again');
        session.disconnect();
      }
    });
  };

  const feed = listenForWorkloads(pool, logger, {
    changed: (hostId, instanceId) => {
      const session = sessions.get(hostId);
      if (session) push(session, () => oneWorkload(pool, secrets, hostId, instanceId));
    },
    resync: () => {
      for (const session of sessions.values()) push(session, () => everyWorkload(pool, secrets, session.hostId, []));
    },
  });

  namespace.use((socket, next) => {
    const { token } = socket.handshake.auth as { token?: unknown };
    authenticate(pool, token).then(
      (host) => {
        if (!host) return next(new Error('the host token is not valid'));
        socket.data = { hostId: host.id, hostName: host.name };
        next();
      },
      () => next(new Error('the host token cannot be checked now')),
    );
  });
  const tellLevel = (emit: (order: BridgeLogLevel | null) => unknown): void => {
    const leftMilliseconds = logOrder ? Math.ceil(logOrder.endsAt - performance.now()) : 0;
    emit(logOrder && leftMilliseconds > 0 ? { level: logOrder.level, leftMilliseconds } : null);
  };
  namespace.on('connection', (socket: BridgeSocket) => {
    serve(socket, { sessions, pool, secrets, logger });
    tellLevel((order) => socket.emit('log-level', order));
  });

  const sweeper = setInterval(() => {
    sweepSilentHosts(pool, SILENT_SECONDS).catch((error: Error) => logger.warn({ reason: error.message }, 'silent hosts could not be noted'));
  }, SEEN_MILLISECONDS);

  const sessionOf = (hostId: string): HostSession => {
    const session = sessions.get(hostId);
    if (!session) throw new Failure('HOST_OFFLINE');
    return session;
  };
  return {
    prepare: async (hostId, runtime, signal) => sessionOf(hostId).prepare(runtime, signal),
    exec: async (hostId, request) => sessionOf(hostId).exec(request),
    open: async (hostId, target) => sessionOf(hostId).open(target),
    logLevel: (order) => {
      logOrder = order && { level: order.level, endsAt: performance.now() + order.leftMilliseconds };
      // Each process tells its own bridges.
      tellLevel((told) => namespace.local.emit('log-level', told));
    },
    close: async () => {
      clearInterval(sweeper);
      feed.close();
      const ending = [...sessions.values()].map((session) => endSession(session, sessions));
      await Promise.all(ending);
    },
  };
}

async function authenticate(pool: pg.Pool, token: unknown): Promise<{ id: string; name: string } | null> {
  return typeof token === 'string' && token !== '' ? findHost(pool, secretHash(token)) : null;
}

/** Waits until the session has noted its own end. */
async function endSession(session: HostSession, sessions: Map<string, HostSession>): Promise<void> {
  session.disconnect();
  await session.inOrder(async () => undefined);
  sessions.delete(session.hostId);
}

interface ServeDeps {
  readonly sessions: Map<string, HostSession>;
  readonly pool: pg.Pool;
  readonly secrets: SecretBox;
  readonly logger: Logger;
}

function serve(socket: BridgeSocket, { sessions, pool, secrets, logger }: ServeDeps): void {
  const { hostId, hostName } = socket.data;
  const session = createHostSession(socket);
  let seen: Date | null = null;

  const greet = async ({ info, generations, claws = [] }: BridgeHello): Promise<Ack & { hostId: string; delta: DesiredDelta }> => {
    const former = sessions.get(hostId);
    sessions.set(hostId, session);
    if (former && former !== session) former.disconnect();
    seen = await markConnected(pool, hostId, info);
    const delta = await everyWorkload(pool, secrets, hostId, Object.keys(generations));
    const unknown = await noteUnknownClaws(pool, hostId, claws);
    if (unknown > 0) logger.warn({ hostId, hostName, unknown }, 'a bridge has claws that the platform does not know; they run on');
    logger.info({ hostId, hostName, workloads: delta.upsert.length }, 'a bridge connected');
    return { ok: true, hostId, delta };
  };

  socket.use((packet, next) => {
    const problem = packetProblem(packet);
    if (problem === null) next();
    else next(new Error(problem));
  });
  socket.on('error', (error) => {
    logger.warn({ hostId, hostName, reason: error.message }, 'a bridge said what it may not');
    session.disconnect();
  });
  socket.on('hello', (hello, ack) => {
    void session.inOrder(async () => ack(await answered(() => greet(hello))));
  });
  socket.on('fact', (facts, ack) => {
    void answered(async () => {
      const refused = await storeFacts(pool, hostId, facts);
      if (refused > 0) logger.warn({ hostId, refused }, 'a bridge sent what is no fact');
      return { ok: true };
    }).then(ack);
  });
  socket.on('host-info', (info: HostInfo, ack) => {
    void answered(async () => {
      seen = await markConnected(pool, hostId, info);
      return { ok: true };
    }).then(ack);
  });
  socket.on('metrics', (ticks, ack) => {
    void answered(async () => {
      const refused = await storeTicks(pool, hostId, ticks);
      if (refused > 0) logger.warn({ hostId, refused }, 'a bridge sent samples of a time that cannot be: its clock is wrong');
      return { ok: true };
    }).then(ack);
  });
  socket.on('stream-data', ({ streamId, data }, ack) => session.streams.onData(streamId, data, ack));
  socket.on('stream-end', ({ streamId, error }) => session.streams.onEnd(streamId, error));

  const heartbeat = setInterval(() => {
    if (!seen) return;
    markSeen(pool, hostId, seen).then(
      (at) => {
        seen = at ?? seen;
      },
      () => undefined,
    );
  }, SEEN_MILLISECONDS);
  socket.on('disconnect', (reason) => {
    clearInterval(heartbeat);
    if (sessions.get(hostId) === session) sessions.delete(hostId);
    session.streams.breakAll('the connection of the host was lost');
    logger.info({ hostId, hostName, reason }, 'a bridge disconnected');
    void session.inOrder(async () => {
      if (seen) await markDisconnected(pool, hostId, seen).catch(() => undefined);
    });
  });
}

/** What a bridge is answered when it could not be served: enough for its log, nothing of ours. */
async function answered<T extends Ack>(work: () => Promise<T>): Promise<T | Ack> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = toFailure(error);
    return { ok: false, error: { code, message } };
  }
}
