import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Server } from 'socket.io';
import { BRIDGE_NAMESPACE } from '../../workflows/contracts/bridge-protocol.ts';

/** Room for the packet that says who one is, many times over. */
const STRANGER_BYTES = 64 * 1024;
/** How long a connection may stay without having said who it is, in milliseconds; an option of the socket.io server. */
export const STRANGER_MS = 10_000;

/** What is needed of a connection below socket.io. */
interface Connection {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly transport: { readonly name: string };
  on(event: 'close', listener: () => void): unknown;
}

/**
 * Lets whoever is not accepted in a namespace yet send next to nothing, although bridges may send much: a connection that sends more is
 * cut off. Whoever asks by polling is held to it for good, because only browsers do and they have little to say.
 */
export function limitStrangers(server: HttpServer, io: Server, path: string): void {
  // Both know a connection by the request that it began with.
  const accepted = new WeakSet<IncomingMessage>();
  const begun = new Map<string, IncomingMessage>();
  io.engine.on('connection', (connection: Connection) => {
    begun.set(connection.id, connection.request);
    connection.on('close', () => begun.delete(connection.id));
    if (connection.transport.name === 'polling') Object.assign(connection.transport, { maxHttpBufferSize: STRANGER_BYTES });
  });
  for (const namespace of ['/', BRIDGE_NAMESPACE]) io.of(namespace).on('connection', (socket) => void accepted.add(socket.request));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    if (!request.url?.startsWith(`${path}/`)) return;
    // Who began by polling names the connection that this one continues.
    const sid = new URLSearchParams(request.url.split('?')[1]).get('sid');
    const isAccepted = (): boolean => accepted.has((sid === null ? request : begun.get(sid)) ?? request);
    let received = 0;
    const count = (chunk: Buffer): void => {
      received += chunk.length;
      if (isAccepted()) socket.off('data', count);
      else if (received > STRANGER_BYTES) socket.destroy();
    };
    socket.on('data', count);
  });
}
