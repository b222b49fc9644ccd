import { createServer, type RequestListener, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { closeServer, listenOnLoopback } from '../../../deploy/local/testing/loopback.ts';
import { createLiteLlmClient, type LiteLlmClient, ModelPath } from './client.ts';

const open: { server: Server; client: LiteLlmClient }[] = [];

afterEach(async () => {
  for (const { server, client } of open.splice(0)) {
    client.close();
    await closeServer(server);
  }
});

/** A server in LiteLLM's place: another program than ours, whose misbehaviour is the point here. */
async function serverThat(answer: RequestListener): Promise<{ server: Server; client: LiteLlmClient }> {
  const server = createServer(answer);
  const port = await listenOnLoopback(server);
  const client = createLiteLlmClient({ url: `http://127.0.0.1:${port}/base/`, masterKey: 'sk-master' });
  open.push({ server, client });
  return { server, client };
}

const request = { path: ModelPath.chatCompletions, body: { model: 'demo' } } as const;

describe('a request to LiteLLM', () => {
  it('carries the platform’s key and the body, and gives back whatever status came', async () => {
    let seen: unknown;
    const { client } = await serverThat(async (incoming, response) => {
      seen = { path: incoming.url, key: incoming.headers.authorization, body: JSON.parse(await text(incoming)) };
      response.writeHead(418).end('tea');
    });
    const answer = await client.send(request);
    expect(seen).toEqual({ path: '/base/v1/chat/completions', key: 'Bearer sk-master', body: { model: 'demo' } });
    expect([answer.status, await text(answer.body)]).toEqual([418, 'tea']);
  });

  it('fails with MODEL_UNAVAILABLE when nothing listens', async () => {
    const { server, client } = await serverThat(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    await expect(client.send(request)).rejects.toMatchObject({ name: 'Failure', code: 'MODEL_UNAVAILABLE' });
    await expect(client.ping()).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
  });

  it('says when to come again while LiteLLM is left alone', async () => {
    const { server, client } = await serverThat(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    const retryAfter = () => client.send(request).catch((error: { details: { retryAfter?: string } }) => error.details.retryAfter);
    await expect.poll(retryAfter).toMatch(/^[12]$/);
  });

  it('fails with TIMEOUT when nothing comes for too long', async () => {
    const { client } = await serverThat(() => undefined);
    await expect(client.send({ ...request, silenceMs: 50 })).rejects.toMatchObject({ name: 'Failure', code: 'TIMEOUT' });
  });

  it('fails with TIMEOUT when the answer stops in the middle', async () => {
    const { client } = await serverThat((_incoming, response) => void response.writeHead(200).write('begin'));
    // On a busy machine the beginning may come too late already, and that is the same failure.
    const answer = client.send({ ...request, silenceMs: 50 }).then(({ body }) => text(body));
    await expect(answer).rejects.toMatchObject({ name: 'Failure', code: 'TIMEOUT' });
  });

  it('ends there too when the caller aborts it, before and after the answer began', async () => {
    const closed: Promise<void>[] = [];
    const { client } = await serverThat((incoming, response) => {
      closed.push(new Promise((resolve) => response.on('close', resolve)));
      if (incoming.headers['content-length'] !== '2') response.writeHead(200).write('begin');
    });
    const started = new AbortController();
    const answer = await client.send({ ...request, signal: started.signal });
    started.abort();
    await expect(text(answer.body)).rejects.toThrow();

    const waiting = new AbortController();
    const sent = client.send({ ...request, body: {}, signal: waiting.signal });
    await expect.poll(() => closed.length).toBe(2);
    waiting.abort();
    await expect(sent).rejects.toThrow('aborted');
    await Promise.all(closed);
  });

  it('is not sent when it is aborted already', async () => {
    let requests = 0;
    const { client } = await serverThat(() => {
      requests += 1;
    });
    await expect(client.send({ ...request, signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect(requests).toBe(0);
  });

  it('is sent again when a kept connection was closed before it was read', async () => {
    let requests = 0;
    const { client } = await serverThat((incoming, response) => {
      requests += 1;
      incoming.resume();
      // The second request comes on the connection of the first and finds it cut.
      if (requests === 2) return void incoming.socket.resetAndDestroy();
      response.end(`answer ${requests}`);
    });
    expect(await text((await client.send(request)).body)).toBe('answer 1');
    expect(await text((await client.send(request)).body)).toBe('answer 3');
  });

  it('is not sent again when a fresh connection breaks: the model may have been asked', async () => {
    let requests = 0;
    const { client } = await serverThat((incoming) => {
      requests += 1;
      incoming.socket.resetAndDestroy();
    });
    await expect(client.send(request)).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    expect(requests).toBe(1);
  });
});
