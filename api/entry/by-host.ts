import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Failure } from '../../workflows/contracts/failures.ts';
import { problemOf } from '../http/problem.ts';
import { requestIdOf } from '../http/request-context.ts';
import type { ClawAddresses } from './claw-addresses.ts';
import type { ClawEntry } from './claw-entry.ts';
import { FORWARD_AUTH_PATH } from './forward-auth.ts';

type Listener = (...parameters: never[]) => void;

/**
 * Puts the entry in front of everything that listens to the server so far: what is asked of a host of claws goes there and nowhere else,
 * and a page of a claw reaches nothing of the rest. To be called once all others listen.
 */
export function frontByHost(server: HttpServer, addresses: ClawAddresses, entry: ClawEntry): void {
  const isClaws = (request: IncomingMessage) => addresses.holds(request.headers.host);
  const requests = take(server, 'request');
  const upgrades = take(server, 'upgrade');
  server.on('request', (request, response) => {
    if (isClaws(request)) entry.handle(request, response);
    else if (isSentByClaw(request, addresses)) refuse(request, response);
    else call(requests, server, request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    if (isClaws(request)) entry.upgrade(request, socket, head);
    else if (isSentByClaw(request, addresses)) refuseUpgrade(request, socket);
    else call(upgrades, server, request, socket, head);
  });
}

/** Whether a page of a claw makes the browser send this. It may lead a person to the portal by a link, and nothing else. */
function isSentByClaw({ headers, url }: IncomingMessage, addresses: ClawAddresses): boolean {
  // An entry in front of this one asks about requests of claws' pages, with their headers.
  if (url === FORWARD_AUTH_PATH) return false;
  const { origin } = headers;
  if (origin !== undefined) return addresses.holds(URL.parse(origin)?.host);
  return headers['sec-fetch-site'] === 'same-site' && headers['sec-fetch-mode'] !== 'navigate';
}

function take(server: HttpServer, event: 'request' | 'upgrade'): Listener[] {
  const listeners = server.listeners(event) as Listener[];
  server.removeAllListeners(event);
  return listeners;
}

function call(listeners: readonly Listener[], server: HttpServer, ...parameters: unknown[]): void {
  for (const listener of listeners) listener.call(server, ...(parameters as never[]));
}

function refusal(request: IncomingMessage): string {
  return JSON.stringify(problemOf(new Failure('FORBIDDEN', 'Pages of claws may not speak to the portal.'), requestIdOf(request)));
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  const body = refusal(request);
  response.writeHead(403, {
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
  response.end(body);
}

function refuseUpgrade(request: IncomingMessage, socket: Duplex): void {
  const body = refusal(request);
  socket.on('error', () => undefined);
  socket.end(
    `HTTP/1.1 403 Forbidden\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
