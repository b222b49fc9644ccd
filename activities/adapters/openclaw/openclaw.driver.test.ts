import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createUidPool } from '../../../bridge/exec/uid-pool.ts';
import { createProcessTable } from '../../../bridge/process/machine-table.ts';
import { createRuntimes } from '../../../bridge/runtime/runtimes.ts';
import { FAKE_ANSWER, type FakeOpenAi, type SeenRequest, startFakeOpenAi } from '../../../deploy/local/testing/fake-openai.ts';
import { freePort } from '../../../deploy/local/testing/loopback.ts';
import { cacheRoot } from '../../../deploy/local/tools/cache.ts';
import { type ClawControl, createClawControl, runsFiles } from '../../clients/openclaw/claw-control.ts';
import type { Rendered, RuntimeFacts } from '../adapter.ts';
import { type ClawFolders, clawFolders, dialLoopback, type RunningClaw, runNativeCheck, startClaw, untilReady, writeFiles } from '../testing/claw-process.ts';
import { someFacts } from '../testing/facts.ts';
import { CONTROL_TOKEN_ENV, ENTRY_KEY_ENV, MODEL_KEY_SECRET } from './fleet-config.ts';
import { openClawAdapter } from './openclaw.ts';

const VERSION = '2026.9.6';
const TOKEN = 'control-token-of-this-test-0123456789';
const ENTRY_KEY = 'Entry-Key_of-this-test';
type Settings = readonly { readonly key: string; readonly value: unknown }[];

/** One real OpenClaw for the whole file, since it takes its time to boot; the tests are its life in order. */
describe('a real OpenClaw made from what the adapter renders', () => {
  let upstream: FakeOpenAi;
  let folders: ClawFolders;
  let facts: RuntimeFacts;
  let claw: RunningClaw | undefined;
  let control: ClawControl;

  const render = (settings: Settings = []): Rendered => openClawAdapter.render(VERSION, openClawAdapter.parseConfig(VERSION, settings), facts);
  const port = () => facts.ports['gateway']!;
  /** A restart inside the process would keep its id, so boots are counted in its log. */
  const boots = () => readFileSync(claw!.logFile, 'utf8').match(/"message":"gateway ready"/g)?.length ?? 0;
  const chats = (): SeenRequest[] => upstream.requests.filter(({ path }) => path === '/v1/chat/completions');

  beforeAll(async () => {
    upstream = await startFakeOpenAi();
    facts = someFacts({ ports: { gateway: await freePort() }, modelGatewayUrl: upstream.url });
    const table = createProcessTable();
    const runtimes = createRuntimes(join(cacheRoot(), 'runtimes'), table, createUidPool(null, 0, table));
    folders = clawFolders(mkdtempSync(join(tmpdir(), 'openclaw-')), await runtimes.prepare(render().runtime));
    control = createClawControl({ connect: () => dialLoopback(port()), token: TOKEN });
  });

  afterAll(async () => {
    if (claw?.running) claw.signal('SIGKILL');
    await claw?.exited;
    await upstream?.close();
    if (folders) rmSync(folders.root, { recursive: true, force: true });
  });

  test('its own check agrees with every setting that the adapter offers', async () => {
    const every: Settings = [
      { key: 'model.name', value: 'acme/gpt-5' },
      { key: 'model.fallbacks', value: ['demo'] },
      { key: 'agent.name', value: 'Ada ${HOME}' },
      { key: 'agent.instructions', value: 'Say "${UNSET_VARIABLE}" and nothing else.' },
      { key: 'agent.thinking', value: 'low' },
      { key: 'tools.profile', value: 'minimal' },
      { key: 'tools.exec', value: 'ask' },
      { key: 'logging.level', value: 'debug' },
      { key: 'openclaw.agents.entries.research', value: { name: 'Research', tools: { profile: 'minimal' } } },
    ];
    expect(await runNativeCheck(openClawAdapter.nativeCheck(VERSION, render(every))!, folders)).toEqual([]);
  });

  test('its own check names a raw part that it does not know', async () => {
    const wrong = render([{ key: 'openclaw.cron.enabld', value: true }]);
    expect(await runNativeCheck(openClawAdapter.nativeCheck(VERSION, wrong)!, folders)).toEqual([
      { path: '/spec/config/openclaw/cron', message: expect.stringContaining('enabld') },
    ]);
  });

  test('it boots and becomes ready', async () => {
    const rendered = render();
    writeFiles(rendered, folders);
    claw = startClaw(rendered, { [CONTROL_TOKEN_ENV]: TOKEN, [ENTRY_KEY_ENV]: ENTRY_KEY }, folders);
    await untilReady(claw, port(), '/readyz');
    await expect.poll(boots).toBe(1);
  });

  test('it runs the files that were written, and says so', async () => {
    const applied = await control.appliedConfig();
    expect(applied).toMatchObject({ valid: true, revision: render().filesHash, issues: [] });
    expect(runsFiles(applied, render().filesHash)).toBe(true);
    expect((await control.health()).version).toBe(VERSION);
  });

  test('another token is refused on both surfaces, without a word of it', async () => {
    const stranger = createClawControl({ connect: () => dialLoopback(port()), token: 'a-wrong-token' });
    const refusal = { code: 'GATEWAY_UNAVAILABLE', message: 'The claw refused the control token of the platform.' };
    await expect(stranger.appliedConfig()).rejects.toMatchObject(refusal);
    await expect(stranger.setSecret(MODEL_KEY_SECRET, 'x')).rejects.toMatchObject(refusal);
    expect((await chat('hello', 'a-wrong-token')).status).toBe(401);
  });

  test('a person is known by the header that only the entry can name', async () => {
    const asPerson = async (path: string, who: Record<string, string>) => {
      const headers = { 'x-forwarded-for': '203.0.113.1', 'x-forwarded-host': 'bot.localhost', ...openClawAdapter.page?.headers, ...who };
      const answer = await fetch(`http://127.0.0.1:${port()}${path}`, { headers });
      return { status: answer.status, text: await answer.text() };
    };
    const keyed = { [`x-clawloops-user-${ENTRY_KEY.toLowerCase()}`]: 'usr_ada' };
    expect((await asPerson('/v1/models', keyed)).status).toBe(200);
    expect((await asPerson('/', keyed)).text).toContain('<html');
    const forgeries: Record<string, string>[] = [{}, { 'x-clawloops-user': 'usr_ada' }, { 'x-clawloops-user-guess': 'usr_ada' }];
    for (const forged of forgeries) {
      const { status, text } = await asPerson('/v1/models', forged);
      expect(status).toBeOneOf([401, 403]);
      expect(text.toLowerCase()).not.toContain(ENTRY_KEY.toLowerCase());
    }
  });

  test('its model key is delivered while it runs', async () => {
    expect((await control.health()).degradedSecretOwners).toEqual(['clawloops']);
    await control.setSecret(MODEL_KEY_SECRET, 'clk_first');
    expect((await control.health()).degradedSecretOwners).toEqual([]);
  });

  test('a chat streams the answer of its model, asked with that key', async () => {
    const { status, text } = await chat('what is new');
    expect(status).toBe(200);
    expect(text).toContain(FAKE_ANSWER);
    expect(chats()[0]).toMatchObject({ headers: { authorization: 'Bearer clk_first' }, body: { model: 'demo' } });
  });

  test('a rotated key is used from the next call on', async () => {
    await control.setSecret(MODEL_KEY_SECRET, 'clk_second');
    await chat('and now');
    expect(chats().at(-1)?.headers.authorization).toBe('Bearer clk_second');
  });

  test('changed settings are taken by the same process, letter by letter', async () => {
    const instructions = 'Sign with ${HOME} and $${OPENCLAW_GATEWAY_TOKEN} and ${DATA_DIR}.';
    const settings = [
      { key: 'model.name', value: 'acme/gpt-5' },
      { key: 'agent.instructions', value: instructions },
    ];
    const changed = render(settings);
    expect(changed.processHash).toBe(render().processHash);
    writeFiles(changed, folders);
    await untilTaken(changed);
    await chat('once more');
    const [system] = chats().at(-1)!.body.messages;
    expect(JSON.stringify(system.content)).toContain(instructions);
    expect(chats().at(-1)!.body.model).toBe('acme/gpt-5');
    expect(claw!.running).toBe(true);
    expect(boots()).toBe(1);
  });

  test('settings that it refuses leave it running on what it had, and it says so', async () => {
    const before = await control.appliedConfig();
    const wrong = render([{ key: 'openclaw.cron.enabld', value: true }]);
    writeFiles(wrong, folders);
    await until(async () => !(await control.appliedConfig()).valid);
    const applied = await control.appliedConfig();
    expect(applied.issues.map(({ path }) => path)).toEqual(['cron']);
    expect(applied.appliedConfigHash).toBe(before.appliedConfigHash);
    expect(runsFiles(applied, wrong.filesHash)).toBe(false);
    expect((await chat('still there?')).status).toBe(200);
  });

  test('no secret is on its disk outside of its own store, nor in its log', () => {
    const texts = [readFileSync(join(folders.config, 'openclaw.json'), 'utf8'), readFileSync(claw!.logFile, 'utf8')];
    for (const text of texts) expect(text).not.toMatch(/control-token-of-this-test|clk_first|clk_second/);
  });

  test('it ends by itself when it is told to', async () => {
    process.kill(claw!.pid, render().stop.signal as NodeJS.Signals);
    expect(await claw!.exited).toBe(0);
  });

  test('started again, it still has its model key', async () => {
    const rendered = render();
    writeFiles(rendered, folders);
    claw = startClaw(rendered, { [CONTROL_TOKEN_ENV]: TOKEN, [ENTRY_KEY_ENV]: ENTRY_KEY }, folders);
    await untilReady(claw, port(), '/readyz');
    expect((await control.health()).degradedSecretOwners).toEqual([]);
    await chat('back again');
    expect(chats().at(-1)?.headers.authorization).toBe('Bearer clk_second');
  });

  async function chat(text: string, token = TOKEN): Promise<{ status: number; text: string }> {
    const { path, model } = openClawAdapter.chat!;
    const answer = await fetch(`http://127.0.0.1:${port()}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: text }] }),
    });
    return { status: answer.status, text: wordsOf(await answer.text()) };
  }

  function untilTaken(rendered: Rendered): Promise<void> {
    return until(async () => runsFiles(await control.appliedConfig(), rendered.filesHash));
  }
});

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 100));
}

/** The answer that the deltas of a stream make up; a stream that was cut off has none. */
function wordsOf(stream: string): string {
  if (!stream.endsWith('data: [DONE]\n\n')) return '';
  const chunks = stream.split('\n\n').filter((event) => event.startsWith('data: {'));
  return chunks.map((event) => JSON.parse(event.slice('data: '.length)).choices?.[0]?.delta?.content ?? '').join('');
}
