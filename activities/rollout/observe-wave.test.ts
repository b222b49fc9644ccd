import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeServer, listenOnLoopback } from '../../deploy/local/testing/loopback.ts';
import { createOutboundGuard } from '../platform/outbound.ts';
import { askCheck } from './observe-wave.ts';

const ABOUT = { rolloutId: 'rol_a', wave: 1 };
let server: Server;
let port: number;
const asked: string[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url} ${await text(request)}`);
    if (request.url === '/moved') return void response.writeHead(307, { location: '/good' }).end();
    if (request.url === '/good') return void response.end('{"verdict":"proceed"}');
    // Never comes to an end.
    const more = () => response.writable && response.write(`{"verdict":"proceed"}${' '.repeat(16_384)}`, () => setImmediate(more));
    more();
  });
  port = await listenOnLoopback(server);
});
afterAll(() => closeServer(server));

/** Asks at a name that leads to these addresses, one after the other; the last stays. */
function ask(path: string, ...addresses: string[]) {
  const resolve = async () => [addresses.length > 1 ? (addresses.shift() as string) : (addresses[0] ?? '127.0.0.1')];
  return askCheck(createOutboundGuard({ allow: ['127.0.0.1'], resolve }), `http://check.example.com:${port}${path}`, ABOUT);
}

it('tells a check what it is asked about, and takes its verdict', async () => {
  expect(await ask('/good')).toBe('proceed');
  expect(asked).toEqual([`POST /good ${JSON.stringify(ABOUT)}`]);
});

it('takes no agreement of an answer that never ends, or that stands elsewhere', async () => {
  expect([await ask('/endless'), await ask('/moved')]).toEqual([null, null]);
});

it('reaches nothing by a name that leads inside once it was let through', async () => {
  const before = asked.length;
  expect(await ask('/good', '127.0.0.1', '10.0.0.1')).toBeNull();
  expect(asked).toHaveLength(before);
});
