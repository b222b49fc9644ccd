import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { echoManifest } from '../../../deploy/local/testing/echo-type.ts';
import { FAKE_ANSWER, type FakeOpenAi, startFakeOpenAi } from '../../../deploy/local/testing/fake-openai.ts';
import { freePort } from '../../../deploy/local/testing/loopback.ts';
import type { Rendered } from '../adapter.ts';
import { createAdapterRegistry } from '../registry.ts';
import { type ClawFolders, clawFolders, type RunningClaw, startClaw, untilReady, writeFiles } from '../testing/claw-process.ts';
import { someFacts } from '../testing/facts.ts';

const VERSION = '1.0.0';
const SECRETS = { MODEL_KEY: 'clk_test_key' };
const echo = createAdapterRegistry().fromManifest(echoManifest());

describe('the example claw echo', () => {
  let upstream: FakeOpenAi;
  let folders: ClawFolders;
  let port: number;
  let claw: RunningClaw | undefined;

  beforeEach(async () => {
    upstream = await startFakeOpenAi();
    folders = clawFolders(mkdtempSync(join(tmpdir(), 'echo-')), { folder: tmpdir(), path: [dirname(process.execPath)] });
    port = await freePort();
  });

  afterEach(async () => {
    if (claw?.running) claw.signal('SIGKILL');
    await claw?.exited;
    claw = undefined;
    await upstream.close();
    rmSync(folders.root, { recursive: true, force: true });
  });

  const write = (settings: Record<string, unknown>): Rendered => {
    const overrides = Object.entries(settings).map(([key, value]) => ({ key, value }));
    const facts = someFacts({ ports: { http: port }, modelGatewayUrl: upstream.url });
    const rendered = echo.render(VERSION, echo.parseConfig(VERSION, overrides), facts);
    writeFiles(rendered, folders);
    return rendered;
  };
  const start = (settings: Record<string, unknown> = {}): RunningClaw => {
    claw = startClaw(write(settings), SECRETS, folders);
    return claw;
  };
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const ask = (text: string, more: object = {}) =>
    fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'echo', messages: [{ role: 'user', content: text }], ...more }),
    });

  test('becomes ready and tells which files it took', async () => {
    const running = start();
    await untilReady(running, port, '/readyz');
    expect((await get('/healthz')).status).toBe(200);
    expect(await (await get('/revision')).text()).toBe(write({}).filesHash);
  });

  test('asks its model with its key and streams the answer after its greeting', async () => {
    await untilReady(start({ greeting: 'Hello! ', 'model.name': 'acme/one' }), port, '/readyz');
    const text = await (await ask('what is up', { stream: true })).text();
    const words = text
      .split('\n\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)).choices[0]?.delta?.content ?? '');
    expect(words.join('')).toContain(`Hello! ${FAKE_ANSWER} what is up`);
    expect(text).toContain('data: [DONE]');
    expect(upstream.requests[0]).toMatchObject({ headers: { authorization: 'Bearer clk_test_key' }, body: { model: 'acme/one' } });
  });

  test('hands over what the model gateway refuses', async () => {
    await untilReady(start(), port, '/readyz');
    const refused = await ask('FAIL:429');
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ error: { type: 'fake_error' } });
  });

  test('says so when the model gateway is away', async () => {
    await untilReady(start(), port, '/readyz');
    await upstream.close();
    const answer = await ask('hello');
    expect(answer.status).toBe(502);
    upstream = await startFakeOpenAi();
  });

  test('takes a changed setting in the same process', async () => {
    const running = start({ greeting: 'one' });
    await untilReady(running, port, '/readyz');
    const before = (await (await get('/state')).json()) as { pid: number };
    write({ greeting: 'two' });
    expect(await (await get('/state')).json()).toMatchObject({ greeting: 'two', pid: before.pid, starts: 1 });
  });

  test('crashes when told to and counts its starts in its data folder', async () => {
    expect(await start({ crashAfterMs: 1 }).exited).toBe(3);
    await untilReady(start(), port, '/readyz');
    expect(await (await get('/state')).json()).toMatchObject({ starts: 2 });
  });

  test('is never ready when told so, though it lives', async () => {
    const running = start({ failReady: true });
    await untilReady(running, port, '/healthz');
    expect((await get('/readyz')).status).toBe(503);
  });

  test('ends on SIGTERM, unless told to ignore it', async () => {
    const running = start({ ignoreStop: true });
    await untilReady(running, port, '/readyz');
    running.signal('SIGTERM');
    while (!readFileSync(running.logFile, 'utf8').includes('told to stop')) await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await get('/healthz')).status).toBe(200);
    write({ ignoreStop: false });
    await get('/healthz');
    running.signal('SIGTERM');
    expect(await running.exited).toBe(0);
  });
});
