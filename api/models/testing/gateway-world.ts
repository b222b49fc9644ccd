import { createServer } from 'node:http';
import { Writable } from 'node:stream';
import express from 'express';
import pino from 'pino';
import { createLiteLlmClient } from '../../../activities/clients/litellm/client.ts';
import type { Platform } from '../../../deploy/local/platform.ts';
import { type TestDatabase, testDatabase } from '../../../deploy/local/testing/database.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../../../deploy/local/testing/fake-openai.ts';
import { closeServer, listenOnLoopback } from '../../../deploy/local/testing/loopback.ts';
import { startThrowAwayPlatform } from '../../../deploy/local/testing/throw-away-platform.ts';
import { openDatabase } from '../../../prisma/client.ts';
import { createModelGateway, type ModelGateway } from '../gateway.ts';
import type { UsageRow } from '../usage-meter.ts';
import { addProvider, addTenant, asOwner, type TestTenant, testSecretBox } from './tenant-data.ts';

/** The gateway in front of a real LiteLLM and a real PostgreSQL, with a stand-in only for the provider. */
export interface GatewayWorld {
  readonly url: string;
  readonly tenant: TestTenant;
  readonly platform: Platform;
  readonly database: TestDatabase;
  readonly gateway: ModelGateway;
  readonly upstream: FakeOpenAi;
  /** Everything the gateway logged. */
  readonly logged: () => string;
  readonly addProvider: (provider: Parameters<typeof addProvider>[3]) => Promise<string>;
  /** One request of the claw; `body` null = GET. */
  readonly call: (path: string, body: unknown, options?: { key?: string; signal?: AbortSignal }) => Promise<Response>;
  /** Usage rows of a model, oldest first, after everything was written. */
  readonly usageOf: (model: string) => Promise<UsageRow[]>;
  close(): Promise<void>;
}

export const PROVIDER_KEY = 'sk-provider-1f0c52d7a9';
export const REFUSED_KEY = 'sk-refused-93be77c410';

export async function openGatewayWorld(): Promise<GatewayWorld> {
  // LiteLLM would ask a proxy of the machine instead of the egress.
  for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) delete process.env[name];
  const [{ platform, remove }, testDb, upstream] = await Promise.all([
    startThrowAwayPlatform({ parts: ['litellm'] }),
    testDatabase(),
    startFakeOpenAi({ refusedKeys: [REFUSED_KEY] }),
  ]);
  const secrets = testSecretBox();
  const tenant = await addTenant(testDb.ownerUrl);
  const database = openDatabase({ url: testDb.appUrl });
  const liteLlm = createLiteLlmClient(platform.litellm);
  const lines: string[] = [];
  const logger = pino(
    { level: 'trace' },
    new Writable({
      write(line, _encoding, done) {
        lines.push(String(line));
        done();
      },
    }),
  );
  const gateway = createModelGateway({ database, secrets, liteLlm, logger, cacheMs: 0 });
  const server = createServer(express().use('/v1', gateway.router));
  const url = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  return {
    url,
    tenant,
    platform,
    database: testDb,
    gateway,
    upstream,
    logged: () => lines.join(''),
    addProvider: (provider) => addProvider(testDb.ownerUrl, secrets, tenant.tenantId, provider),
    call: (path, body, { key = tenant.modelKey, signal } = {}) =>
      fetch(`${url}${path}`, {
        method: body === null ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${key}`, ...(body === null ? {} : { 'content-type': 'application/json' }) },
        ...(body === null ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        signal: signal ?? null,
      }),
    usageOf: async (model) => {
      await gateway.drain();
      return asOwner(testDb.ownerUrl, async (sql) => {
        const { rows } = await sql.query<{ row: UsageRow }>(
          `SELECT json_build_object('provider', provider, 'model', model, 'status', status, 'streamed', streamed, 'promptTokens', prompt_tokens, 'completionTokens', completion_tokens,
             'costMicroUsd', cost_micro_usd, 'latencyMs', latency_ms, 'firstByteMs', first_byte_ms, 'errorCode', error_code, 'instanceId', instance_id, 'tenantId', tenant_id,
             'projectId', project_id, 'path', path) AS row FROM usage_record WHERE model = $1 ORDER BY id`,
          [model],
        );
        return rows.map(({ row }) => row);
      });
    },
    close: async () => {
      await closeServer(server);
      liteLlm.close();
      await database.close();
      await Promise.all([remove(), upstream.close(), testDb.drop()]);
    },
  };
}

/** Reads a stream of server-sent events until it ends or `enough` says so; answers the text so far. */
export async function readEvents(response: Response, enough: (text: string) => boolean = () => false): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (!enough(text)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
  return text;
}

/** The JSON of every event. */
export function eventsOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n\n')
    .map((event) => event.replace(/^data: /, ''))
    .filter((data) => data.startsWith('{'))
    .map((data) => JSON.parse(data) as Record<string, unknown>);
}

/** What the model said in a chat stream. */
export function spokenIn(text: string): string {
  return eventsOf(text)
    .map((event) => (event.choices as { delta?: { content?: string } }[] | undefined)?.[0]?.delta?.content ?? '')
    .join('');
}
