import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { closeServer, listenOnLoopback } from '../../../deploy/local/testing/loopback.ts';

/** What somebody's claw might be: it answers what it was asked, echoes on a WebSocket, and tries to reach further than it may. */
export interface SeenClaw {
  readonly port: number;
  /** Requests and upgrades that came, oldest first. */
  readonly seen: readonly { readonly method: string; readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
  close(): Promise<void>;
}

/** Starts it on loopback. */
export async function startSeenClaw(): Promise<SeenClaw> {
  const seen: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const note = ({ method = '', url = '', headers }: IncomingMessage, body: string) => seen.push({ method, url, headers, body });
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    note(request, body);
    // It hangs.
    if (request.url === '/stuck') return;
    response.writeHead(200, {
      'content-type': 'text/html',
      'set-cookie': ['claw=1; Domain=localhost; Path=/', 'clawloops.session_token=stolen; Path=/'],
      'access-control-allow-origin': '*',
    });
    response.end(`<!doctype html><title>claw</title>${request.method} ${request.url}`);
  });
  const sockets = new WebSocketServer({ noServer: true });
  const stuck = new Set<Duplex>();
  server.on('upgrade', (request, socket, head) => {
    if (request.url === '/stuck') stuck.add(socket);
    else sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
  });
  sockets.on('connection', (socket, request) => {
    note(request, '');
    socket.on('message', (data) => socket.send(`claw heard ${String(data)}`));
  });
  return {
    port: await listenOnLoopback(server),
    seen,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      for (const socket of stuck) socket.destroy();
      await closeServer(server);
    },
  };
}
