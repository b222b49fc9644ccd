import { randomInt } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { isPortFree } from '../supervisor/ports.ts';

/** Lets a server listen on loopback, on a port that the system chooses unless one is given, and answers the port. Rejects when it is taken. */
export async function listenOnLoopback(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Ends every connection of a server, then the server. */
export async function closeServer(server: HttpServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** Between the ports that platforms choose and those that the system hands out, so that nobody gets one by chance. */
const OURS = { first: 32_000, last: 32_768 };

/** A port of loopback that nobody listens on, for a server that is started later or comes and goes. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(OURS.first, OURS.last);
    if (await isPortFree(port)) return port;
  }
}
