import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listenOnLoopback } from '../../deploy/local/testing/loopback.ts';
import { createOutboundGuard } from './outbound.ts';
import { createOutboundFetch } from './outbound-fetch.ts';

let server: Server;
let port: number;
const asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/moved') return void response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    if (request.url === '/silent') return;
    if (request.url === '/long') return void response.end('x'.repeat(2000));
    request.pipe(response.setHeader('x-seen', String(request.headers['content-type'])));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

/** What a name leads to, one answer for each time it is asked. */
function leadingTo(...answers: readonly string[]) {
  const left = [...answers];
  return createOutboundGuard({ allow: ['127.0.0.1'], resolve: async () => [left.length > 1 ? (left.shift() as string) : (left[0] ?? '')].filter(Boolean) });
}
const fetching = (guard = leadingTo('127.0.0.1'), timeoutMs = 60_000) => createOutboundFetch(guard, { timeoutMs, maxBytes: 1000 });

test('what is asked arrives, and so does the answer', async () => {
  const answer = await fetching()(`http://id.example.com:${port}/`, {
    method: 'POST',
    body: new URLSearchParams({ a: 'b' }),
    headers: { 'content-type': 'x/y' },
  });
  expect([answer.status, answer.headers.get('x-seen'), await answer.text()]).toEqual([200, 'x/y', 'a=b']);
});

test('a name that leads inside only once it was let through reaches nothing', async () => {
  const rebinding = fetching(leadingTo('127.0.0.1', '10.0.0.1'));
  const before = asked.length;
  await expect(rebinding(`http://id.example.com:${port}/`, {})).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  await expect(fetching()('http://10.0.0.1/', {})).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  expect(asked).toHaveLength(before);
});

test('a redirect is answered and not followed', async () => {
  const answer = await fetching()(`http://id.example.com:${port}/moved`, {});
  expect([answer.status, answer.headers.get('location')]).toEqual([302, 'http://169.254.169.254/']);
});

test('silence, endless answers and names that lead nowhere end', async () => {
  await expect(fetching(undefined, 50)(`http://id.example.com:${port}/silent`, {})).rejects.toMatchObject({ name: 'TimeoutError' });
  await expect(fetching()(`http://id.example.com:${port}/long`, {})).rejects.toThrow('longer than 1000 bytes');
  await expect(fetching(leadingTo(''))('http://id.example.com/', {})).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test.each(['999 Odd', '600 Odd', '099 Odd', '000 Odd', '101 Odd\r\nupgrade: x\r\nconnection: upgrade'])(
  'an answer that begins with %j is refused, and ends nothing else',
  async (head) => {
    const odd = createTcpServer((socket) => void socket.once('data', () => socket.end(`HTTP/1.1 ${head}\r\ncontent-length: 0\r\n\r\n`)));
    const at = await listenOnLoopback(odd);
    await expect(fetching()(`http://id.example.com:${at}/`, {})).rejects.toThrow();
    await new Promise((done) => odd.close(done));
  },
);
