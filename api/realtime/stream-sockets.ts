import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { z } from 'zod';
import type { Logger } from '../../activities/platform/logger.ts';
import type { Database } from '../../prisma/client.ts';
import { Failure, type FailureCode } from '../../workflows/contracts/failures.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import type { Authenticator } from '../http/auth.ts';
import { authorize, type Right } from '../http/authorize.ts';
import { authorizeTarget } from '../http/authorize-target.ts';
import { problemOf, toFailure } from '../http/problem.ts';
import { type Actor, reachOf, requestIdOf } from '../http/request-context.ts';
import { validate } from '../http/validate.ts';

/** An opened WebSocket about one instance, of somebody who may. */
export interface StreamSocket<Q> {
  readonly socket: WebSocket;
  readonly actor: Actor;
  readonly instanceId: string;
  readonly query: Q;
}

/** A WebSocket route below `/api/v1/instances/{id}/`. */
export interface StreamRoute<S extends z.ZodObject = z.ZodObject> {
  /** `stream`, `logs/stream` or `metrics/stream`. */
  readonly path: string;
  readonly right: Right;
  readonly query: S;
  /** Runs before the upgrade; what it throws is answered over HTTP. */
  check(actor: Actor, instanceId: string): Promise<void>;
  open(stream: StreamSocket<z.infer<S>>): void;
}

export interface StreamSockets {
  /** Takes the upgrade if its path is one of these routes; answers whether it did. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Number of sockets that are open. */
  readonly open: number;
  /** Looks now whether this person, everybody of this tenant, or everybody (null) may still have the streams they opened. */
  recheck(id: string | null): void;
  /** Tells everybody why and closes. */
  close(): void;
}

interface Admission {
  readonly actor: Actor;
  /** Rejects when it would not be admitted any more. */
  readonly again: () => Promise<unknown>;
}

const PATH = /^\/api\/v1\/instances\/(ins_[0-9a-z]{20})\/(stream|logs\/stream|metrics\/stream)$/;
const PING_MS = 30_000;
const RECHECK_MS = 60_000;
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
/** What says that somebody has no right any more; a database that is away takes nobody's. */
const NO_RIGHT: readonly FailureCode[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'];

export function createStreamSockets({
  authenticator,
  database,
  routes,
  logger,
  recheckMilliseconds = RECHECK_MS,
}: {
  authenticator: Authenticator;
  database: Database;
  routes: readonly StreamRoute[];
  logger: Logger;
  /** How often the rights of those whose streams are open are looked at again. */
  recheckMilliseconds?: number;
}): StreamSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: Limits.chatMessageBytes + 4096 });
  const answered = new WeakSet<WebSocket>();
  const admitted = new WeakMap<WebSocket, Admission>();
  const pings = setInterval(() => {
    for (const socket of server.clients) {
      if (!answered.has(socket)) socket.terminate();
      answered.delete(socket);
      socket.ping();
    }
  }, PING_MS);
  const recheck = (id: string | null) => {
    for (const socket of server.clients) {
      const admission = admitted.get(socket);
      if (admission && (id === null || id === admission.actor.userId || id === admission.actor.tenantId)) void closeWithoutRights(socket, admission);
    }
  };
  const rechecks = setInterval(() => recheck(null), recheckMilliseconds);

  async function admit(request: IncomingMessage, route: StreamRoute, instanceId: string, url: URL) {
    const authenticated = await authenticator.authenticate(request, { strictOrigin: true });
    if (!authenticated) throw new Failure('UNAUTHENTICATED');
    const { actor } = authenticated;
    const everywhere = authorize(actor, route.right);
    const { tenant: _, ...asked } = Object.fromEntries(url.searchParams);
    const query = validate(route.query, asked, '/query');
    await database.within(reachOf(actor), async () => {
      if (!everywhere) await authorizeTarget(database, actor, route.right, instanceId);
      await route.check(actor, instanceId);
    });
    return { actor, query };
  }

  return {
    handle: (request, socket, head) => {
      // What a stranger sends need not be a URL; then it is nobody's.
      const url = URL.parse(request.url ?? '/', 'http://api');
      const [, instanceId, path] = PATH.exec(url?.pathname ?? '') ?? [];
      const route = routes.find((one) => one.path === path);
      if (!url || !route || !instanceId) return false;
      admit(request, route, instanceId, url).then(
        ({ actor, query }) =>
          server.handleUpgrade(request, socket, head, (opened) => {
            answered.add(opened);
            admitted.set(opened, { actor, again: () => admit(request, route, instanceId, url) });
            opened.on('pong', () => answered.add(opened));
            opened.on('error', (error) => logger.debug({ reason: error.message }, 'a stream socket failed'));
            database.within(reachOf(actor), () => route.open({ socket: opened, actor, instanceId, query }));
          }),
        (error: unknown) => refuseUpgrade(request, socket, error, logger),
      );
      return true;
    },
    get open() {
      return server.clients.size;
    },
    recheck,
    close: () => {
      clearInterval(pings);
      clearInterval(rechecks);
      for (const socket of server.clients) socket.close(GOING_AWAY, 'The server is being restarted.');
      server.close();
    },
  };
}

/** Ends a stream whose session ended, whose key was revoked, or whose instance is no longer its owner's. */
async function closeWithoutRights(socket: WebSocket, { again }: Admission): Promise<void> {
  try {
    await again();
  } catch (error) {
    const { code, message } = toFailure(error);
    if (NO_RIGHT.includes(code)) socket.close(POLICY_VIOLATION, message);
  }
}

/** Answers an upgrade that is not made with a problem document, over plain HTTP. */
export function refuseUpgrade(request: IncomingMessage, socket: Duplex, error: unknown, logger: Logger): void {
  const failure = toFailure(error);
  const requestId = requestIdOf(request);
  if (failure.code === 'INTERNAL') logger.error({ err: error, requestId }, 'an upgrade failed unexpectedly');
  const problem = problemOf(failure, requestId);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    `X-Request-Id: ${requestId}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
