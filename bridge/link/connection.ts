import { io, type Socket } from 'socket.io-client';
import {
  type Ack,
  type ApiToBridge,
  BRIDGE_NAMESPACE,
  BRIDGE_SOCKET_PATH,
  type BridgeHello,
  type BridgeLogLevel,
  type BridgeToApi,
  type DesiredDelta,
  type ExecRequest,
  type ExecResult,
  type StreamOpen,
} from '../../workflows/contracts/bridge-protocol.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { HostInfo } from '../../workflows/contracts/host.ts';
import { clawError } from '../claw/failure.ts';
import type { SendFacts } from '../facts.ts';
import type { Log } from '../log.ts';
import type { SendTicks } from '../metrics/tick-queue.ts';
import type { ByteStream } from '../wire/byte-stream.ts';
import { createStreamTable } from '../wire/stream-table.ts';

/** What the daemon does for the API. Each method may throw a Failure, which is answered with its code. */
export interface BridgeHandlers {
  hello(): BridgeHello;
  desired(delta: DesiredDelta, resync: boolean): void;
  prepare(runtime: ExecRequest['runtime']): Promise<void>;
  exec(request: ExecRequest): Promise<ExecResult>;
  openStream(target: StreamOpen['target'], open: () => ByteStream): Promise<void>;
  logLevel(order: BridgeLogLevel | null): void;
  /** The way to the API is open; null = it is closed. */
  connected(link: OpenLink | null): void;
}

/** What can be sent while there is a connection. */
export interface OpenLink {
  readonly facts: SendFacts;
  readonly metrics: SendTicks;
}

export interface Connection {
  /** Tells the API of a changed machine; nothing is sent while there is no connection, because `hello` tells it then. */
  sendInfo(info: HostInfo): void;
  close(): void;
}

const ANSWER_MILLISECONDS = 20_000;
const REFUSED_RETRY_MILLISECONDS = 2_000;

/** Dials the API and keeps dialling, with jitter, for as long as the daemon lives. */
export function connectToApi({ apiUrl, token, handlers, log }: { apiUrl: string; token: () => string; handlers: BridgeHandlers; log: Log }): Connection {
  const socket: Socket<ApiToBridge, BridgeToApi> = io(`${apiUrl}${BRIDGE_NAMESPACE}`, {
    path: BRIDGE_SOCKET_PATH,
    transports: ['websocket'],
    // Read anew for each attempt, so that an exchanged token needs no restart.
    auth: (give) => give({ token: token() }),
    reconnectionDelay: 300,
    reconnectionDelayMax: 5_000,
    randomizationFactor: 0.5,
    timeout: 10_000,
  });
  const streams = createStreamTable({
    data: (streamId, data, confirmed) => void socket.emit('stream-data', { streamId, data }, confirmed),
    end: (streamId, error) => void socket.emit('stream-end', { streamId, error }),
  });
  let closed = false;
  let lastTrouble = '';
  const trouble = (message: string): void => {
    if (message !== lastTrouble) log.warn({ apiUrl, reason: message }, 'the API cannot be reached; the claws go on, dialling again');
    lastTrouble = message;
  };

  const greet = async (): Promise<void> => {
    try {
      const answer = await socket.timeout(ANSWER_MILLISECONDS).emitWithAck('hello', handlers.hello());
      if (!answer.ok || !answer.delta) throw new Error(answer.error?.message ?? 'the API did not take the greeting');
      lastTrouble = '';
      log.info({ apiUrl, hostId: answer.hostId, workloads: answer.delta.upsert.length }, 'connected to the API');
      handlers.desired(answer.delta, true);
      handlers.connected({ facts: (facts) => sendFacts(socket, facts), metrics: (ticks) => sendTicks(socket, ticks) });
    } catch (error) {
      trouble((error as Error).message);
      socket.disconnect();
      redial();
    }
  };

  const redial = (): void => {
    // What the server refused or ended on purpose is not dialled again by itself.
    if (!closed) setTimeout(() => closed || socket.connect(), REFUSED_RETRY_MILLISECONDS * (0.5 + Math.random()));
  };

  socket.on('connect', () => void greet());
  socket.on('connect_error', (error) => {
    trouble(error.message);
    if (!socket.active) redial();
  });
  socket.on('disconnect', (reason) => {
    handlers.connected(null);
    streams.breakAll('the connection of the host was lost');
    if (closed) return;
    trouble(reason);
    if (!socket.active && reason !== 'io client disconnect') redial();
  });
  socket.on('desired', (delta, ack) => {
    for (const { instanceId, generation, desired } of delta.upsert) log.info({ instanceId, generation, desired }, 'told what a claw shall be');
    for (const instanceId of delta.remove) log.info({ instanceId }, 'told to end a claw');
    answer(ack, () => handlers.desired(delta, false));
  });
  socket.on('prepare', ({ runtime }, ack) => answer(ack, () => handlers.prepare(runtime)));
  socket.on('exec', (request, ack) => {
    handlers.exec(request).then(ack, (error: unknown) => ack({ ok: false, error: clawError(error) }));
  });
  socket.on('log-level', (order) => handlers.logLevel(order));
  socket.on('stream-open', ({ streamId, target }, ack) => answer(ack, () => handlers.openStream(target, () => streams.open(streamId))));
  socket.on('stream-data', ({ streamId, data }, ack) => streams.onData(streamId, data, ack));
  socket.on('stream-end', ({ streamId, error }) => streams.onEnd(streamId, error));
  return {
    sendInfo: (info) => {
      if (socket.connected) socket.timeout(ANSWER_MILLISECONDS).emit('host-info', info, () => undefined);
    },
    close: () => {
      closed = true;
      socket.disconnect();
    },
  };
}

async function sendFacts(socket: Socket<ApiToBridge, BridgeToApi>, facts: Parameters<SendFacts>[0]): Promise<void> {
  const answer = await socket.timeout(ANSWER_MILLISECONDS).emitWithAck('fact', facts);
  if (!answer.ok) throw new Failure('RUNTIME_UNREACHABLE', answer.error?.message ?? 'the API did not store the facts');
}

async function sendTicks(socket: Socket<ApiToBridge, BridgeToApi>, ticks: Parameters<SendTicks>[0]): Promise<void> {
  const answer = await socket.timeout(ANSWER_MILLISECONDS).emitWithAck('metrics', ticks);
  if (!answer.ok) throw new Failure('RUNTIME_UNREACHABLE', answer.error?.message ?? 'the API did not store the samples');
}

function answer(ack: (answer: Ack) => void, work: () => Promise<void> | void): void {
  Promise.resolve()
    .then(work)
    .then(
      () => ack({ ok: true }),
      (error: unknown) => ack({ ok: false, error: clawError(error) }),
    );
}
