import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Socket } from 'socket.io';
import { createStreamTable, type StreamTable } from '../../bridge/wire/stream-table.ts';
import type { Ack, ApiToBridge, BridgeTarget, BridgeToApi, DesiredDelta, ExecRequest, ExecResult } from '../../workflows/contracts/bridge-protocol.ts';
import { Failure, isFailureCode } from '../../workflows/contracts/failures.ts';

/** The socket of one bridge; `data.hostId` is set when its token was accepted. */
export type BridgeSocket = Socket<BridgeToApi, ApiToBridge, Record<string, never>, { hostId: string; hostName: string }>;

const DESIRED_MILLISECONDS = 15_000;
const INSTALL_MILLISECONDS = 20 * 60_000;
const OPEN_MILLISECONDS = 10_000;
const EXEC_GRACE_SECONDS = 10;

/** One connected bridge. Every call ends with a Failure when the connection does. */
export interface HostSession {
  readonly hostId: string;
  readonly streams: StreamTable;
  /** Runs work for this bridge after what was given before, so that what it is told keeps its order. */
  inOrder(work: () => Promise<void>): Promise<void>;
  desired(delta: DesiredDelta): Promise<void>;
  prepare(runtime: ExecRequest['runtime'], signal?: AbortSignal): Promise<void>;
  exec(request: ExecRequest): Promise<ExecResult>;
  open(target: BridgeTarget): Promise<Duplex>;
  disconnect(): void;
}

export function createHostSession(socket: BridgeSocket): HostSession {
  const { hostId, hostName } = socket.data;
  const offline = (): Failure => new Failure('HOST_OFFLINE', `The bridge of host ${hostName} is not connected.`);
  const streams = createStreamTable({
    data: (streamId, data, confirmed) => void socket.emit('stream-data', { streamId, data }, confirmed),
    end: (streamId, error) => void socket.emit('stream-end', { streamId, error }),
  });
  let queue: Promise<void> = Promise.resolve();

  /** An acknowledgement, the loss of the connection, or the end of the caller's patience, whichever comes first. */
  const call = <T extends Ack>(send: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
    new Promise((resolve, reject) => {
      if (!socket.connected) return reject(offline());
      const lost = (): void => reject(offline());
      const aborted = (): void => reject(new Failure('CANCELLED'));
      socket.once('disconnect', lost);
      signal?.addEventListener('abort', aborted, { once: true });
      const settled = (): void => {
        socket.off('disconnect', lost);
        signal?.removeEventListener('abort', aborted);
      };
      send()
        .then(resolve, () => reject(new Failure('RUNTIME_UNREACHABLE', `The bridge of host ${hostName} did not answer in time.`)))
        .finally(settled);
    });

  return {
    hostId,
    streams,
    inOrder: (work) => {
      queue = queue.then(work, work);
      return queue;
    },
    desired: async (delta) => orThrow(await call(() => socket.timeout(DESIRED_MILLISECONDS).emitWithAck('desired', delta))),
    prepare: async (runtime, signal) => orThrow(await call(() => socket.timeout(INSTALL_MILLISECONDS).emitWithAck('prepare', { runtime }), signal)),
    exec: async (request) => {
      const patience = INSTALL_MILLISECONDS + (request.timeoutSeconds + EXEC_GRACE_SECONDS) * 1000;
      const result = await call(() => socket.timeout(patience).emitWithAck('exec', request));
      orThrow(result);
      return result;
    },
    open: async (target) => {
      const streamId = randomBytes(9).toString('base64url');
      const stream = streams.open(streamId);
      try {
        orThrow(await call(() => socket.timeout(OPEN_MILLISECONDS).emitWithAck('stream-open', { streamId, target })));
        return stream;
      } catch (error) {
        stream.destroy();
        throw error;
      }
    },
    disconnect: () => {
      socket.disconnect(true);
    },
  };
}

function orThrow(ack: Ack): void {
  if (ack.ok) return;
  const code = ack.error?.code ?? '';
  throw new Failure(isFailureCode(code) ? code : 'RUNTIME_UNREACHABLE', ack.error?.message);
}
