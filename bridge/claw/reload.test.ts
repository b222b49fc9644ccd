import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testWorkload } from '../testing/workload.ts';
import { notifyClaw } from './reload.ts';

let server: Server;
let status: number;
let asked: string[];
beforeEach(async () => {
  status = 204;
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const notify = (ownerId: number | null) =>
  notifyClaw(testWorkload({ reload: 'http:POST /reload', ports: { http: (server.address() as AddressInfo).port } }), null, ownerId);

test('a claw that takes its new files by HTTP is asked once, and is believed when it says no', async () => {
  await notify(process.getuid!());
  status = 500;
  await expect(notify(null)).rejects.toMatchObject({ code: 'CONFIG_NOT_APPLIED', message: expect.stringContaining('it answered 500') });
  expect(asked).toEqual(['POST /reload', 'POST /reload']);
});

test.runIf(process.platform === 'linux')('whoever else listens on the port of a claw is not asked in its place', async () => {
  await expect(notify(process.getuid!() + 1)).rejects.toMatchObject({ code: 'CONFIG_NOT_APPLIED', message: expect.stringContaining('somebody else') });
  expect(asked).toEqual([]);
});
