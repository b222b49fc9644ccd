import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAKE_ANSWER, FAKE_USAGE } from '../../deploy/local/testing/fake-openai.ts';
import { FAILURES } from '../../workflows/contracts/failures.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import { DEMO_MODEL, ProviderKind } from '../../workflows/contracts/model.ts';
import { eventsOf, type GatewayWorld, openGatewayWorld, PROVIDER_KEY, REFUSED_KEY, readEvents, spokenIn } from './testing/gateway-world.ts';
import { addProvider, addTenant, asOwner, dumpEverything, testSecretBox } from './testing/tenant-data.ts';

const CHAT = '/v1/chat/completions';
/** Models with a price in LiteLLM's own list: 0.15 and 0.60 dollars a million tokens. */
const PRICED_COST = Math.round(FAKE_USAGE.prompt_tokens * 0.15 + FAKE_USAGE.completion_tokens * 0.6);

let world: GatewayWorld;

beforeAll(async () => {
  world = await openGatewayWorld();
  const models = ['gpt-4o-mini', 'unary', 'stripped', 'held', 'asked', 'left', 'broken', 'refuses', 'down', 'text-embedding-3-small', 'later'];
  await world.addProvider({ name: 'acme', kind: ProviderKind.openai, baseUrl: world.upstream.url, apiKey: PROVIDER_KEY, models });
});

afterAll(() => world?.close());

function chat(model: string, text: string, more: object = {}) {
  return { model, messages: [{ role: 'user', content: text }], ...more };
}

async function problemOf(response: Response) {
  return ((await response.json()) as { error: { message: string; type: string; code: string; nextStep: string } }).error;
}

describe('a request that is not streamed', () => {
  it('reaches the provider with the provider’s key and comes back with its answer and a counted, priced row', async () => {
    const response = await world.call(CHAT, chat('acme/gpt-4o-mini', 'hello there'));
    expect(response.status).toBe(200);
    const answer = (await response.json()) as { choices: { message: { content: string } }[]; usage: object };
    expect(answer.choices[0]?.message.content).toBe(`${FAKE_ANSWER} hello there`);
    expect(answer.usage).toMatchObject(FAKE_USAGE);

    const seen = await world.upstream.waitFor(({ body }) => body?.model === 'gpt-4o-mini');
    expect(seen.headers.authorization).toBe(`Bearer ${PROVIDER_KEY}`);
    expect(JSON.stringify([seen.headers, seen.body])).not.toContain(world.tenant.modelKey);
    expect(JSON.stringify([seen.headers, seen.body])).not.toContain(world.platform.litellm.masterKey);

    const { tenantId, projectId, instanceId } = world.tenant;
    const [row] = await world.usageOf('gpt-4o-mini');
    expect(row).toMatchObject({ tenantId, projectId, instanceId, provider: 'acme', path: CHAT, status: 200, streamed: false, errorCode: null });
    expect(row).toMatchObject({ promptTokens: FAKE_USAGE.prompt_tokens, completionTokens: FAKE_USAGE.completion_tokens, costMicroUsd: PRICED_COST });
    expect(row?.firstByteMs).toBeLessThanOrEqual(row?.latencyMs ?? 0);
  });

  it('cannot choose another key, address, answer or fallback by fields of its own', async () => {
    const smuggled = {
      api_key: 'sk-mine',
      api_base: 'http://127.0.0.1:9/v1',
      base_url: 'http://127.0.0.1:9',
      mock_response: 'forged',
      fallbacks: ['demo'],
      extra_headers: { x: 'y' },
    };
    const response = await world.call(CHAT, chat('acme/stripped', 'hi', { ...smuggled, temperature: 0.5 }));
    expect(await response.text()).toContain(FAKE_ANSWER);
    const seen = await world.upstream.waitFor(({ body }) => body?.model === 'stripped');
    expect(seen.headers.authorization).toBe(`Bearer ${PROVIDER_KEY}`);
    expect(seen.headers.x).toBeUndefined();
    expect(seen.body).toEqual({ model: 'stripped', messages: [{ role: 'user', content: 'hi' }], temperature: 0.5 });
  });

  it('may ask for embeddings and for responses', async () => {
    const embeddings = await world.call('/v1/embeddings', { model: 'acme/text-embedding-3-small', input: 'hi' });
    expect(await embeddings.json()).toMatchObject({ data: [{ embedding: [0.25, 0.5] }] });
    const responses = await world.call('/v1/responses', { model: 'acme/unary', input: 'hi' });
    expect(await responses.json()).toMatchObject({ object: 'response', output: [{ content: [{ text: 'responses speaks' }] }] });
    expect(await world.usageOf('unary')).toMatchObject([{ path: '/v1/responses', status: 200, promptTokens: 5, completionTokens: 3 }]);
    expect(await world.usageOf('text-embedding-3-small')).toMatchObject([{ path: '/v1/embeddings', status: 200, promptTokens: 3, completionTokens: 0 }]);
  });
});

describe('a streamed request', () => {
  it('passes the first words on before the provider has said the last, and counts without showing the usage nobody asked for', async () => {
    const response = await world.call(CHAT, chat('acme/held', 'HOLD and say something long enough', { stream: true }));
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const begin = await readEvents(response, (text) => spokenIn(text) !== '');
    expect(begin).not.toContain('[DONE]');
    world.upstream.release();
    const text = begin + (await readEvents(response));
    expect(spokenIn(text)).toBe(`${FAKE_ANSWER} HOLD and say something long enough`);
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
    expect(eventsOf(text).filter((event) => 'usage' in event)).toEqual([]);
    expect(await world.usageOf('held')).toMatchObject([
      { status: 200, streamed: true, promptTokens: FAKE_USAGE.prompt_tokens, completionTokens: FAKE_USAGE.completion_tokens, errorCode: null },
    ]);
  });

  it('shows the usage to a client that asks for it', async () => {
    const response = await world.call(CHAT, chat('acme/asked', 'hi', { stream: true, stream_options: { include_usage: true } }));
    const usage = eventsOf(await readEvents(response)).find((event) => 'usage' in event)?.usage;
    expect(usage).toMatchObject(FAKE_USAGE);
  });

  it('is cancelled at the provider when the client goes away, and counted as that', async () => {
    const client = new AbortController();
    const response = await world.call(CHAT, chat('acme/left', 'HOLD on', { stream: true }), { signal: client.signal });
    await readEvents(response, (text) => spokenIn(text) !== '');
    client.abort();
    await world.upstream.waitFor(({ body, aborted }) => body?.model === 'left' && aborted);
    await expect.poll(() => world.usageOf('left')).toMatchObject([{ status: 499, errorCode: 'CANCELLED', streamed: true }]);
  });

  it('ends with an error event when the provider breaks off in the middle', async () => {
    const response = await world.call(CHAT, chat('acme/broken', 'BREAK now', { stream: true }));
    const text = await readEvents(response);
    const error = eventsOf(text).find((event) => 'error' in event)?.error;
    expect(error).toMatchObject({ code: 'MODEL_UNAVAILABLE', type: 'server_error' });
    expect(await world.usageOf('broken')).toMatchObject([{ status: FAILURES.MODEL_UNAVAILABLE.status, errorCode: 'MODEL_UNAVAILABLE' }]);
  });
});

describe('the demo model', () => {
  it('answers without any provider, at no cost', async () => {
    const response = await world.call(CHAT, chat(DEMO_MODEL, 'hi'));
    expect(await response.text()).toContain('demo model');
    expect(await world.usageOf(DEMO_MODEL)).toMatchObject([{ provider: DEMO_MODEL, status: 200, costMicroUsd: 0 }]);
  });

  it('streams, also to a client that offers tools', async () => {
    const tools = [{ type: 'function', function: { name: 'exec', parameters: { type: 'object', properties: {} } } }];
    const response = await world.call(CHAT, chat(DEMO_MODEL, 'hi', { stream: true, tools }));
    expect(spokenIn(await readEvents(response))).toContain('demo model');
  });

  it('says what it cannot do', async () => {
    for (const [path, body] of [
      ['/v1/embeddings', { input: 'x' }],
      ['/v1/responses', { input: 'x', stream: true }],
    ] as const) {
      const response = await world.call(path, { model: DEMO_MODEL, ...body });
      expect(response.status).toBe(422);
      expect(await problemOf(response)).toMatchObject({ code: 'VALIDATION_FAILED' });
    }
  });
});

describe('every kind of provider', () => {
  const models: Record<ProviderKind, { model: string; says: string }> = {
    openai: { model: 'gpt-4o', says: FAKE_ANSWER },
    anthropic: { model: 'claude-3-5-haiku-20241022', says: 'anthropic speaks' },
    gemini: { model: 'gemini-2.0-flash', says: 'gemini speaks' },
    openrouter: { model: 'vendor/model-1', says: FAKE_ANSWER },
    ollama: { model: 'llama3', says: 'ollama speaks' },
    hosted_vllm: { model: 'qwen', says: FAKE_ANSWER },
  };

  it.each(Object.values(ProviderKind))('%s is reached at its base URL with its own key', async (kind) => {
    const { model, says } = models[kind];
    const apiKey = `sk-${kind}-5b21d0`;
    const baseUrl = kind === ProviderKind.openai ? world.upstream.url : world.upstream.origin;
    await world.addProvider({ name: `kind-${kind.replace('_', '-')}`, kind, baseUrl, apiKey, models: [model] });
    const response = await world.call(CHAT, chat(`kind-${kind.replace('_', '-')}/${model}`, 'hi'));
    expect(await response.text()).toContain(says);
    await world.upstream.waitFor(({ headers }) => JSON.stringify(headers).includes(apiKey));
  });
});

describe('a request that is refused', () => {
  it.each([
    ['no key', ''],
    ['something else', 'sk-nothing'],
    ['an unknown key', `clk_0123456789abcdefghjk_${'x'.repeat(43)}`],
  ])('answers 401 to %s', async (_what, key) => {
    const response = await world.call(CHAT, chat(DEMO_MODEL, 'hi'), { key });
    expect(response.status).toBe(401);
    expect(await problemOf(response)).toMatchObject({ code: 'UNAUTHENTICATED', type: 'authentication_error' });
  });

  it('answers 401 to the right id with a wrong secret, and to a revoked key', async () => {
    const other = await addTenant(world.database.ownerUrl);
    expect((await world.call('/v1/models', null, { key: other.modelKey })).status).toBe(200);
    expect((await world.call('/v1/models', null, { key: `${other.modelKey.slice(0, -1)}-` })).status).toBe(401);
    await asOwner(world.database.ownerUrl, (sql) =>
      sql.query("UPDATE model_key SET state = 'revoked', revoked_at = now() WHERE instance_id = $1", [other.instanceId]),
    );
    expect((await world.call('/v1/models', null, { key: other.modelKey })).status).toBe(401);
  });

  it('answers 404 to unknown models, to models that are not listed, and to another tenant’s', async () => {
    const other = await addTenant(world.database.ownerUrl);
    const secrets = testSecretBox();
    await addProvider(world.database.ownerUrl, secrets, other.tenantId, {
      name: 'theirs',
      kind: 'openai',
      baseUrl: world.upstream.url,
      apiKey: 'sk-x',
      models: ['m'],
    });
    for (const model of ['nothing', 'acme/unlisted', 'theirs/m', 'acme/', '/']) {
      const response = await world.call(CHAT, chat(model, 'hi'));
      expect(response.status).toBe(404);
      expect(await problemOf(response)).toMatchObject({ code: 'MODEL_UNKNOWN', nextStep: FAILURES.MODEL_UNKNOWN.nextStep });
    }
    expect(await world.usageOf('unlisted')).toMatchObject([{ provider: 'acme', status: 404, errorCode: 'MODEL_UNKNOWN' }]);
    const listed = (await (await world.call('/v1/models', null)).json()) as { data: { id: string }[] };
    expect(listed.data.map(({ id }) => id)).toEqual(expect.arrayContaining([DEMO_MODEL, 'acme/gpt-4o-mini']));
    expect(listed.data.map(({ id }) => id)).not.toContain('theirs/m');
  });

  it('says that the provider refused its credential, without the credential, though the provider echoes it', async () => {
    await world.addProvider({ name: 'wrongkey', kind: 'openai', baseUrl: world.upstream.url, apiKey: REFUSED_KEY, models: ['refused'] });
    for (const stream of [false, true]) {
      const response = await world.call(CHAT, chat('wrongkey/refused', 'hi', { stream }));
      expect(response.status).toBe(FAILURES.PROVIDER_CREDENTIAL_INVALID.status);
      const problem = await problemOf(response);
      expect(problem).toMatchObject({ code: 'PROVIDER_CREDENTIAL_INVALID' });
      expect(problem.message).toContain('wrongkey');
      expect(problem.message).not.toContain(REFUSED_KEY);
    }
    expect(await world.usageOf('refused')).toMatchObject([{ errorCode: 'PROVIDER_CREDENTIAL_INVALID' }, { errorCode: 'PROVIDER_CREDENTIAL_INVALID' }]);
  });

  it.each([
    [429, 429, 'RATE_LIMITED'],
    [404, 404, 'MODEL_UNKNOWN'],
    [400, 422, 'VALIDATION_FAILED'],
    [500, 503, 'MODEL_UNAVAILABLE'],
  ])('turns a %i of the provider into %i %s', async (theirs, ours, code) => {
    const response = await world.call(CHAT, chat('acme/refuses', `FAIL:${theirs}`));
    expect(response.status).toBe(ours);
    expect(await problemOf(response)).toMatchObject({ code });
  });

  it('says that the provider does not answer when nothing listens there', async () => {
    await world.addProvider({ name: 'nowhere', kind: 'openai', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'sk-nowhere-1', models: ['down'] });
    const response = await world.call(CHAT, chat('nowhere/down', 'hi'));
    expect(response.status).toBe(503);
    expect((await problemOf(response)).message).toContain('The provider nowhere does not answer as it should.');
  });

  it.each([
    ['malformed JSON', '{"model":', 400, 'MALFORMED_REQUEST'],
    ['a list', '[]', 400, 'MALFORMED_REQUEST'],
    ['no model', '{}', 422, 'VALIDATION_FAILED'],
    ['a stream that is not a flag', '{"model":"demo","stream":"yes"}', 422, 'VALIDATION_FAILED'],
    ['too many bytes', `{"model":"demo","x":"${'x'.repeat(Limits.modelRequestBodyBytes)}"}`, 413, 'PAYLOAD_TOO_LARGE'],
  ])('answers %s with a clear error', async (_what, body, status, code) => {
    const response = await world.call(CHAT, body);
    expect(response.status).toBe(status);
    expect(await problemOf(response)).toMatchObject({ code });
  });

  it('knows which paths and methods there are', async () => {
    expect((await world.call('/v1/nothing', {})).status).toBe(404);
    expect((await world.call(CHAT, null)).status).toBe(405);
    expect((await world.call('/v1/models', {})).status).toBe(405);
  });
});

describe('LiteLLM itself', () => {
  it('gets out by the egress alone, which keeps it from addresses of our own although nobody looked before', async () => {
    const provider = { name: 'inside', kind: ProviderKind.openai, baseUrl: 'http://10.11.12.13:8080/v1', apiKey: PROVIDER_KEY, models: ['any'] };
    await world.addProvider(provider);
    const response = await world.call(CHAT, chat('inside/any', 'hi'));
    expect(response.status).toBeGreaterThanOrEqual(400);
    await expect.poll(() => readFileSync(world.platform.part('egress').logFile, 'utf8')).toContain('"host":"10.11.12.13"');
  });
});

describe('while LiteLLM is away', () => {
  it('answers with a clear error, in a running stream too, and works again when it is back', async () => {
    const litellm = world.platform.part('litellm');
    const running = await world.call(CHAT, chat('acme/later', 'HOLD this line', { stream: true }));
    const begin = await readEvents(running, (text) => spokenIn(text) !== '');
    await litellm.stop();
    const cut = begin + (await readEvents(running));
    expect(eventsOf(cut).at(-1)).toMatchObject({ error: { code: 'MODEL_UNAVAILABLE' } });

    const response = await world.call(CHAT, chat('acme/later', 'hi'));
    expect(response.status).toBe(503);
    expect(await problemOf(response)).toMatchObject({ code: 'MODEL_UNAVAILABLE', type: 'server_error', nextStep: FAILURES.MODEL_UNAVAILABLE.nextStep });

    await litellm.start();
    expect((await world.call(CHAT, chat('acme/later', 'hi'))).status).toBe(200);
    expect((await world.usageOf('later')).map(({ status }) => status)).toEqual([503, 503, 200]);
  });
});

describe('usage', () => {
  it('is written once the database takes it again', async () => {
    const owner = (statement: string) => asOwner(world.database.ownerUrl, (sql) => sql.query(statement));
    await owner('REVOKE INSERT ON usage_record FROM clawloops_app');
    expect((await world.call(CHAT, chat('acme/unary', 'hi'))).status).toBe(200);
    await expect(world.gateway.drain(200)).rejects.toThrow('1 usage rows could not be written in time');
    await owner('GRANT INSERT ON usage_record TO clawloops_app');
    expect((await world.usageOf('unary')).filter(({ path }) => path === CHAT)).toMatchObject([{ status: 200 }]);
  });
});

describe('secrets', () => {
  it('are in no log of the gateway or of LiteLLM and, open, in no table', async () => {
    await world.gateway.drain();
    const liteLlmLog = readFileSync(world.platform.part('litellm').logFile, 'utf8');
    const egressLog = readFileSync(world.platform.part('egress').logFile, 'utf8');
    const places = { gateway: world.logged(), tables: await dumpEverything(world.database.ownerUrl), liteLlmLog, egressLog };
    const claw = world.tenant.modelKey.slice(-43);
    for (const [place, text] of Object.entries(places)) {
      for (const secret of [PROVIDER_KEY, REFUSED_KEY, claw, world.platform.litellm.masterKey])
        expect(text.includes(secret), `${place} holds a secret`).toBe(false);
    }
  });
});
