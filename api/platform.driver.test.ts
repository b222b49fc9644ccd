import { afterAll, beforeAll, expect, it } from 'vitest';
import WebSocket from 'ws';
import { echoManifest } from '../deploy/local/testing/echo-type.ts';
import { type Fleet, startFleet } from '../deploy/local/testing/fleet.ts';
import type { ChatItem } from './realtime/chat-session.ts';

let fleet: Fleet;
let instanceId: string;

beforeAll(async () => {
  fleet = await startFleet();
  await post('/claw-types', echoManifest());
  const { instance, operation } = await post('/instances?wait=60s', { name: 'talker', type: 'echo', resources: { cpu: '100m', memory: '128Mi' } });
  expect(operation.state).toBe('succeeded');
  instanceId = instance.id;
});

afterAll(() => fleet?.close());

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was answered
async function send(method: string, path: string, body?: unknown): Promise<any> {
  const answer = await fetch(`${fleet.platform.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${fleet.apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.json();
}

const post = (path: string, body?: unknown) => send('POST', path, body);

interface Chat {
  readonly items: ChatItem[];
  send(message: object): void;
  until(type: ChatItem['type']): Promise<ChatItem>;
  close(): void;
}

async function openChat(query = ''): Promise<Chat> {
  const socket = new WebSocket(`${fleet.platform.url.replace('http', 'ws')}/api/v1/instances/${instanceId}/stream${query}`, {
    headers: { authorization: `Bearer ${fleet.apiKey}` },
  });
  const items: ChatItem[] = [];
  socket.on('message', (data) => items.push(JSON.parse(String(data)) as ChatItem));
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  return {
    items,
    send: (message) => socket.send(JSON.stringify(message)),
    until: async (type) => {
      await expect.poll(() => items.some((item) => item.type === type), { timeout: 60_000 }).toBe(true);
      return items.find((item) => item.type === type) as ChatItem;
    },
    close: () => socket.close(),
  };
}

const textOf = (items: readonly ChatItem[]) =>
  items
    .filter(({ type }) => type === 'delta')
    .map(({ text }) => text)
    .join('');

it('streams the answer of a real claw through the model gateway and says which model it was', async () => {
  const chat = await openChat();
  chat.send({ type: 'message', text: 'hello', session: 'first' });
  expect(await chat.until('done')).toMatchObject({ model: 'demo', session: 'first' });
  expect(textOf(chat.items)).toMatch(/^echo: .*demo model/);
  expect(chat.items.filter(({ type }) => type === 'delta').length).toBeGreaterThan(2);
  expect(chat.items.map(({ seq }) => seq)).toEqual(chat.items.map((_, index) => index + 1));
  chat.close();
});

it('continues a lost connection from a number on, without losing or repeating a word', async () => {
  const whole = await openChat('?session=second');
  whole.send({ type: 'message', text: 'hello', session: 'second' });
  await whole.until('done');
  const after = 5;
  const resumed = await openChat(`?session=second&after=${after}`);
  await resumed.until('done');
  expect(resumed.items).toEqual(whole.items.slice(after));
  whole.close();
  resumed.close();
});

it('follows the log of the claw', async () => {
  const socket = new WebSocket(`${fleet.platform.url.replace('http', 'ws')}/api/v1/instances/${instanceId}/logs/stream?tail=10`, {
    headers: { authorization: `Bearer ${fleet.apiKey}` },
  });
  const lines: { seq: number; type: string; text: string }[] = [];
  socket.on('message', (data) => lines.push(JSON.parse(String(data))));
  await expect.poll(() => lines.some(({ type, text }) => type === 'line' && text.includes('listening'))).toBe(true);
  socket.close();
});

it('says that the model service is away when it is, and answers again when it is back', async () => {
  const part = fleet.platform.part('litellm');
  // Stopped, not killed: a killed one is back after a while, whether the question was asked by then or not.
  await part.stop();
  const away = await openChat();
  away.send({ type: 'message', text: 'hello', session: 'third' });
  expect(await away.until('error')).toMatchObject({ error: { code: 'MODEL_UNAVAILABLE' } });
  expect((await away.until('error')).error?.nextStep).not.toBe('');
  away.close();
  await part.start();
  const back = await openChat();
  back.send({ type: 'message', text: 'hello', session: 'fourth' });
  expect(await back.until('done')).toMatchObject({ model: 'demo' });
  expect(back.items.some(({ type }) => type === 'error')).toBe(false);
  back.close();
});

it('passes on to the entity what a person decides about an operation, and its refusals', async () => {
  const overrides = [{ key: 'failReady', value: true }];
  const { operation } = await post('/instances', { name: 'never-ready', type: 'echo', resources: { cpu: '100m', memory: '128Mi' }, config: { overrides } });
  const step = async () => (await send('GET', `/operations/${operation.id}`)).steps.find((one: { state: string }) => one.state === 'running')?.name;
  await expect.poll(step, { timeout: 60_000 }).toBe('await-ready');
  expect(await post(`/operations/${operation.id}/give-up`)).toMatchObject({ status: 409, code: 'ILLEGAL_TRANSITION' });
  expect(await post(`/operations/${operation.id}/cancel?wait=60s`)).toMatchObject({ state: 'cancelled' });
  expect(await post(`/operations/${operation.id}/cancel`)).toMatchObject({ status: 409, code: 'ILLEGAL_TRANSITION' });
  const { status } = await send('GET', `/instances/${operation.target.id}`);
  expect(status).toMatchObject({ phase: 'Failed', operation: null });
});

it('takes an instance through stop, start, a new key, kill, start and destroy', async () => {
  const act = async (verb: string) => expect((await post(`/instances/${instanceId}/${verb}?wait=60s`)).operation, verb).toMatchObject({ state: 'succeeded' });
  await act('stop');
  expect((await send('GET', `/instances/${instanceId}`)).status.phase).toBe('Stopped');
  await act('start');
  await act('rotate-key');
  await act('kill');
  await act('start');
  const destroyed = await send('DELETE', `/instances/${instanceId}?retention=wipe&wait=60s`);
  expect(destroyed).toMatchObject({ operation: { state: 'succeeded' }, instance: { status: { phase: 'Destroyed' } } });
  expect((await send('GET', '/instances?q=talker')).items).toEqual([]);
  expect((await post(`/instances/${instanceId}/start`)).code).toBe('ILLEGAL_TRANSITION');
});
