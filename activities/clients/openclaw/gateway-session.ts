import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { Failure } from '../../../workflows/contracts/failures.ts';
import { asUnavailable, deadline, type GatewayTarget, openWithin, refused } from './target.ts';

const PROTOCOL = 4;
const SCOPES = ['operator.read', 'operator.write', 'operator.admin'];

/** The platform is a back end on the claw's loopback, which is granted what it asks for without a paired device. */
const CLIENT = { id: 'gateway-client', version: '1.0.0', platform: 'linux', mode: 'backend' };

const WRONG_TOKEN = ['AUTH_TOKEN_MISMATCH', 'AUTH_PASSWORD_MISMATCH'];

interface Frame {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly event?: unknown;
  readonly ok?: unknown;
  readonly payload?: unknown;
  readonly error?: { readonly code?: unknown; readonly details?: { readonly code?: unknown } };
}

type Call = (method: string, params: object) => Promise<unknown>;

/** Opens a WebSocket session with the claw, runs `work` with a function that calls methods, and closes it. One deadline for all of it. */
export async function withGatewaySession<T>(target: GatewayTarget, work: (call: Call) => Promise<T>): Promise<T> {
  const limit = deadline(target.timeoutMs);
  let connection: Duplex | undefined;
  let socket: WebSocket | undefined;
  try {
    const opened = await openWithin(target.connect, limit);
    connection = opened;
    // A claw has no name of its own here; the address only fills the Host header.
    socket = new WebSocket('ws://127.0.0.1/', { createConnection: () => opened as never, perMessageDeflate: false, handshakeTimeout: target.timeoutMs });
    return await Promise.race([converse(socket, target.token, work), limit.reached]);
  } catch (error) {
    throw asUnavailable(error);
  } finally {
    limit.clear();
    socket?.removeAllListeners();
    // A socket that is cut off while it connects reports that as an error, which nobody waits for any more.
    socket?.on('error', () => undefined);
    socket?.terminate();
    connection?.destroy();
  }
}

async function converse<T>(socket: WebSocket, token: string, work: (call: Call) => Promise<T>): Promise<T> {
  const waiting = new Map<string, { resolve: (payload: unknown) => void; reject: (failure: Failure) => void; method: string }>();
  let lastId = 0;
  const call: Call = (method, params) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      const id = String(lastId);
      waiting.set(id, { resolve, reject, method });
      socket.send(JSON.stringify({ type: 'req', id, method, params }));
    });
  const challenged = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<never>();
  socket.on('error', (error) => ended.reject(asUnavailable(error)));
  socket.on('close', () => ended.reject(new Failure('GATEWAY_UNAVAILABLE', 'The claw closed the connection.')));
  socket.on('message', (data) => {
    const frame = readFrame(String(data));
    if (frame.type === 'event' && frame.event === 'connect.challenge') challenged.resolve();
    const request = frame.type === 'res' ? waiting.get(String(frame.id)) : undefined;
    if (!request) return;
    waiting.delete(String(frame.id));
    if (frame.ok === true) request.resolve(frame.payload);
    else request.reject(failureOf(request.method, frame));
  });
  const conversation = async (): Promise<T> => {
    await challenged.promise;
    await call('connect', hello(token));
    return work(call);
  };
  return Promise.race([conversation(), ended.promise]);
}

function hello(token: string): object {
  return {
    minProtocol: PROTOCOL,
    maxProtocol: PROTOCOL,
    client: CLIENT,
    role: 'operator',
    scopes: SCOPES,
    caps: [],
    commands: [],
    permissions: {},
    // A claw that believes the entry takes it as its password, an older one as its token.
    auth: { token, password: token },
    locale: 'en-US',
    userAgent: 'clawloops',
  };
}

function failureOf(method: string, frame: Frame): Failure {
  const detail = frame.error?.details?.code;
  if (WRONG_TOKEN.includes(String(detail))) return new Failure('GATEWAY_UNAVAILABLE', 'The claw refused the control token of the platform.');
  return refused(method, detail ?? frame.error?.code);
}

function readFrame(text: string): Frame {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
