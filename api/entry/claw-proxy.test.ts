import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { expect, it } from 'vitest';
import { closeServer, listenOnLoopback } from '../../deploy/local/testing/loopback.ts';
import { passRequest } from './claw-proxy.ts';

const ABOUT = {
  ...{ userId: 'usr_a', tenantId: 'ten_a', instanceId: 'ins_a', host: 'a.localhost', secure: false, ip: '127.0.0.1' },
  ...{ entryKey: null, origin: null, headers: {} },
};

it.each([
  ['099 Odd', 'GATEWAY_UNAVAILABLE'],
  ['000 Odd', 'GATEWAY_UNAVAILABLE'],
  ['101 Odd', 'GATEWAY_UNAVAILABLE'],
  ['200 \u0001', 'passed with 200'],
])('a claw whose answer begins with %j ends its own request and no more', async (status, outcome) => {
  const claw = createTcpServer((socket) => void socket.once('data', () => socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`)));
  const port = await listenOnLoopback(claw);
  const passage = { about: ABOUT, connect: async () => connect(port, '127.0.0.1'), hold: () => () => undefined };
  const entry = createServer((request, response) => {
    passRequest(request, response, passage).catch((error) => response.end(error.code));
  });
  const answer = await fetch(`http://127.0.0.1:${await listenOnLoopback(entry)}/`);
  const said = await answer.text();
  expect(said || `passed with ${answer.status}`).toBe(outcome);
  await closeServer(entry);
  await new Promise((done) => claw.close(done));
});
