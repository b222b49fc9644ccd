import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import WebSocket from 'ws';
import { echoManifest } from '../../../deploy/local/testing/echo-type.ts';
import { type ApiWorld, FOUNDER, hostOnline, openApiWorld, setUp } from '../../testing/api-world.ts';
import { type Browsing, join, signedIn } from '../../testing/people.ts';

export const PORTAL = 'http://localhost:4310';
export const ENTRY_TOKEN = 'proof-of-the-entry-0123456789-0123456789';

/** An API with a claw that is said to run, its owner in a browser, and somebody else of the tenant in another. */
export interface EntryWorld {
  readonly world: ApiWorld;
  readonly key: string;
  readonly owner: Browsing;
  readonly member: Browsing & { readonly userId: string };
  readonly instanceId: string;
  readonly slug: string;
  /** Host of the claw, as a browser names it. */
  readonly host: string;
  close(): Promise<void>;
}

export async function openEntryWorld(env: Record<string, string> = {}): Promise<EntryWorld> {
  const world = await openApiWorld({ env: { ENTRY_TOKEN, ...env } });
  const key = await setUp(world);
  await hostOnline(world);
  const { spec, ...manifest } = echoManifest();
  await world.call('POST /claw-types', { ...manifest, spec: { ...spec, ui: { port: 'http' } } }, { key });
  const created = await world.call('POST /instances', { name: 'shown', type: 'echo' }, { key });
  const { id, slug } = created.body.instance;
  await setRunning(world, id, true);
  return {
    world,
    key,
    owner: await signedIn(world, FOUNDER.email, FOUNDER.password),
    member: await join(world, key, 'grace@example.com', 'operator'),
    instanceId: id,
    slug,
    host: `${slug}.localhost:4310`,
    close: () => world.close(),
  };
}

/** As the observer would have it. */
export async function setRunning(world: ApiWorld, instanceId: string, running: boolean): Promise<void> {
  await world.rows('UPDATE instance SET intent_phase = $2, observed_ready = $3 WHERE id = $1', [instanceId, running ? 'Running' : 'Stopped', running]);
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Request {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Asks a port of loopback for a host of its own choice, as a browser that resolved that name would. */
export function askHost(port: number, host: string, path: string, { method = 'GET', headers = {}, body }: Request = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host: '127.0.0.1', port, path, method, setHost: false, headers: { host, ...headers } }, async (answer) => {
      let text = '';
      for await (const part of answer) text += String(part);
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

/** Hands a code over as the portal's form does; answers the cookie of the page, or null. */
export async function handOver(
  port: number,
  host: string,
  code: string,
  headers: Record<string, string> = { origin: PORTAL },
): Promise<{ reply: Reply; cookie: string | null }> {
  const form = new URLSearchParams({ code, path: '/chat?session=main' }).toString();
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const reply = await askHost(port, host, '/.clawloops/enter', { method: 'POST', headers: { ...type, ...headers }, body: form });
  return { reply, cookie: reply.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? null };
}

/** Opens a WebSocket at a host; rejects with the status when it is refused. */
export function socketAt(port: number, host: string, headers: Record<string, string>, path = '/socket'): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { host, ...headers } });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_request, answer) => reject(new Error(`refused with ${answer.statusCode}`)));
    socket.once('error', reject);
  });
}

/** What a socket is told next. */
export function heard(socket: WebSocket): Promise<string> {
  return new Promise((resolve) => socket.once('message', (data) => resolve(String(data))));
}
