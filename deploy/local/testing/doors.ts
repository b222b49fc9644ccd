import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import type { Fleet } from './fleet.ts';

/** Every way in that one person has open at once. */
export interface Doors {
  /** Names of those that still stand open. */
  open(): Promise<string[]>;
  close(): void;
}

export interface DoorsOptions {
  /** Cookies of a session at the portal, as a browser sends them. */
  readonly cookie: string;
  /** An API key of the same person. */
  readonly key: string;
  /** A running claw of the type that `lingeringManifest` describes. */
  readonly instanceId: string;
}

/** Opens the portal's session, an API key, the socket of the portal, a stream, the page of a claw, and an answer there that never ends. */
export async function openDoors(fleet: Fleet, { cookie, key, instanceId }: DoorsOptions): Promise<Doors> {
  const portal = new URL(fleet.platform.url);
  const base = `http://127.0.0.1:${portal.port}`;
  const own = { cookie, origin: portal.origin };
  const mayAsk = async (headers: Record<string, string>) => (await fetch(`${base}/api/v1/me`, { headers })).status === 200;
  const rooms = io(base, { path: '/realtime', transports: ['websocket'], forceNew: true, reconnection: false, extraHeaders: own });
  await once(rooms as unknown as NodeJS.EventEmitter, 'connect');
  const stream = new WebSocket(`${base.replace('http', 'ws')}/api/v1/instances/${instanceId}/logs/stream`, { headers: own });
  await once(stream, 'open');
  stream.on('error', () => undefined);
  const page = await openPage(base, own, instanceId);
  const endless = await page('/endless');
  // It is cut, not ended, when it has to go.
  endless.on('error', () => undefined).resume();
  return {
    open: async () => {
      // Who is cut off in the middle of asking has found the door shut.
      const front = await page('/').catch(() => null);
      front?.resume();
      const doors = {
        session: await mayAsk(own),
        key: await mayAsk({ authorization: `Bearer ${key}` }),
        rooms: rooms.connected,
        stream: stream.readyState === WebSocket.OPEN,
        page: front?.statusCode === 200,
        endless: !endless.destroyed,
      };
      return Object.entries(doors).flatMap(([name, stands]) => (stands ? [name] : []));
    },
    close: () => {
      rooms.close();
      stream.terminate();
      endless.destroy();
    },
  };
}

/** Goes into the page of a claw as a browser would; what it answers asks there. */
async function openPage(base: string, own: Record<string, string>, instanceId: string): Promise<(path: string) => Promise<IncomingMessage>> {
  const response = await fetch(`${base}/api/v1/instances/${instanceId}/open`, {
    method: 'POST',
    headers: { ...own, 'content-type': 'application/json' },
    body: '{}',
  });
  if (response.status !== 201) throw new Error(`the page was not opened: ${response.status} ${await response.text()}`);
  const { url, code } = (await response.json()) as { url: string; code: string };
  const { host, pathname } = new URL(url);
  // Not every resolver knows names below localhost.
  const ask = (path: string, method: string, headers: Record<string, string>, body?: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      httpRequest(`${base}${path}`, { method, headers: { ...headers, host } }, resolve)
        .on('error', reject)
        .end(body);
    });
  const form = { origin: own['origin'] ?? '', 'content-type': 'application/x-www-form-urlencoded' };
  const entered = await ask(pathname, 'POST', form, new URLSearchParams({ code }).toString());
  const entry = entered.resume().headers['set-cookie']?.[0]?.split(';', 1)[0];
  if (!entry) throw new Error(`the code was not taken: ${entered.statusCode}`);
  return (path) => ask(path, 'GET', { cookie: entry });
}
