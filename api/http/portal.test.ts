import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listenOnLoopback } from '../../deploy/local/testing/loopback.ts';
import { portal } from './portal.ts';

let base: string;
let server: Server;
let port: number;

beforeAll(async () => {
  base = mkdtempSync(path.join(tmpdir(), 'portal-'));
  const folder = path.join(base, '.hidden', 'dist');
  mkdirSync(path.join(folder, 'assets'), { recursive: true });
  writeFileSync(path.join(base, '.hidden', 'secret.txt'), 'a secret');
  writeFileSync(path.join(folder, '.env'), 'a secret');
  writeFileSync(path.join(folder, 'index.html'), 'the page');
  writeFileSync(path.join(folder, 'assets', 'app.js'), 'the code');
  const app = express();
  app.use(portal(folder));
  server = createServer(app);
  port = await listenOnLoopback(server);
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(base, { recursive: true });
});

/** The path goes out as it stands; `fetch` would tidy it first. */
function get(target: string, accept = 'text/html'): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path: target, headers: { accept } }, async (answer) => {
      let text = '';
      for await (const part of answer) text += String(part);
      resolve({ status: answer.statusCode ?? 0, text });
    });
    call.on('error', reject);
    call.end();
  });
}

it('serves pages and assets, wherever its folder lies', async () => {
  for (const target of ['/', '/instances/x', '/login?next=/']) expect(await get(target), target).toEqual({ status: 200, text: 'the page' });
  expect(await get('/assets/app.js')).toEqual({ status: 200, text: 'the code' });
});

it('gives away nothing that lies beside or hidden in its folder', async () => {
  for (const up of ['..', '%2e%2e', '..%2f..', '%2e%2e%2f', '..%5c..', '.%00.', '....//']) {
    for (const target of [`/${up}/secret.txt`, `/assets/${up}/${up}/secret.txt`, `/assets/${up}/.env`, '/.env'])
      expect((await get(target)).text, target).not.toContain('a secret');
  }
});

it('answers no page in place of what is none', async () => {
  for (const target of ['/api/nothing', '/v1/nothing', '/internal/x', '/assets/gone.js']) expect((await get(target)).status, target).toBe(404);
  expect((await get('/instances', 'application/json')).status).toBe(404);
});
