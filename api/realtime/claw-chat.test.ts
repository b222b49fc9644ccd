import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { askClaw, type ChatEvent } from './claw-chat.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** What people are told of a claw that answers these events. */
async function ask(...events: string[]): Promise<ChatEvent[]> {
  const claw = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(events.map((data) => `data: ${data}\n\n`).join(''));
  });
  server = claw;
  await new Promise<void>((resolve) => claw.listen(0, '127.0.0.1', resolve));
  const heard: ChatEvent[] = [];
  const endpoint = { port: 'http', path: '/v1/chat/completions', model: 'm', token: null, remembers: false };
  const connection = async () => connect((claw.address() as AddressInfo).port, '127.0.0.1');
  const answer = askClaw({ endpoint, connect: connection, messages: [], conversation: 'c', signal: AbortSignal.timeout(60_000) });
  for await (const event of answer) heard.push(event);
  return heard;
}

const delta = (content: unknown) => JSON.stringify({ choices: [{ delta: { content } }] });

it('takes from a claw what has the form of an answer and nothing else', async () => {
  const events = [
    delta('a'),
    delta({ length: -1e9, text: 'x' }),
    delta(['x']),
    delta(7),
    JSON.stringify({ choices: [{ delta: { tool_calls: [{ function: { name: { x: 1 } } }, { function: { name: 'look' } }] } }] }),
    JSON.stringify({ choices: [], usage: { prompt_tokens: '9', completion_tokens: 4 } }),
    '[DONE]',
    delta('after the end'),
  ];
  expect(await ask(...events)).toEqual([
    { type: 'delta', text: 'a' },
    { type: 'tool', text: 'look' },
    { type: 'usage', usage: { promptTokens: 0, completionTokens: 4 } },
  ]);
});

it('says that a claw broke off when it sends what is no event of a chat', async () => {
  for (const event of ['null', '{"choices":[{"delta":{"tool_calls":7}}]}', 'not json', '{"error":{"message":{"a":1}}}'])
    await expect(ask(event), event).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
});
