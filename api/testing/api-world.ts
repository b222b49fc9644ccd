import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import pg from 'pg';
import pino from 'pino';
import { inject } from 'vitest';
import { newSecret } from '../../activities/platform/ids.ts';
import type { Tracing } from '../../activities/platform/tracing/tracing.ts';
import { type TestDatabase, temporalAddress, testDatabase } from '../../deploy/local/testing/database.ts';
import { withDatabase } from '../../deploy/local/testing/services.ts';
import { seed } from '../../prisma/seed.ts';
import type { HostInfo } from '../../workflows/contracts/host.ts';
import { testNamespace } from '../../workflows/testing/namespace.ts';
import { readApiConfig } from '../config.ts';
import { type ApiDeps, createDeps } from '../deps.ts';
import { type RunningApi, serveApi } from '../serve.ts';
import { checkAnswer } from './check-answer.ts';

/** A real API on a real PostgreSQL and Temporal. No worker runs: what is accepted waits at the workflow engine. */
export interface ApiWorld {
  readonly api: RunningApi;
  readonly deps: ApiDeps;
  readonly database: TestDatabase;
  readonly setupCode: string;
  /** Token of the first host, as its bridge would have it. */
  readonly hostToken: string;
  /** Everything that was logged. */
  readonly logged: () => string;
  /** Rows as the owner of the database sees them. */
  readonly rows: <R extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]) => Promise<R[]>;
  /** Runs a query of server processes, limited to this database, as superuser; answers the number of rows. */
  readonly asSuperuser: (sql: string) => Promise<number>;
  readonly call: Call;
  /** Another API process on the same database and workflow engine. */
  readonly second: (overrides?: Record<string, string>) => Promise<RunningApi>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly key?: string | null;
  readonly headers?: Record<string, string>;
  /** Sent as it is, instead of as JSON. */
  readonly raw?: string | Buffer;
  readonly base?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was answered
  readonly body: any;
}

/** `POST /instances` and so on, relative to `/api/v1`; every answer is held against the OpenAPI contract of its route. */
export type Call = (request: string, body?: unknown, options?: CallOptions) => Promise<Answer>;

export interface WorldOptions {
  readonly env?: Record<string, string>;
  readonly tracing?: Tracing;
}

/** Opens it; `key` of later calls defaults to that of the last `signIn`. */
export async function openApiWorld({ env = {}, tracing }: WorldOptions = {}): Promise<ApiWorld> {
  const [database, namespace] = await Promise.all([testDatabase(), testNamespace(temporalAddress())]);
  const folder = mkdtempSync(path.join(tmpdir(), 'clawloops-api-'));
  const keyFile = path.join(folder, 'keys.json');
  writeFileSync(keyFile, JSON.stringify({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } }), { mode: 0o600 });
  const setupCode = newSecret();
  const hostToken = newSecret();
  await seed({ ownerUrl: database.ownerUrl, hostToken, hostName: 'this-machine', setupCode });
  const lines: string[] = [];
  const logger = pino({ level: 'debug' }, sink(lines));
  const environment = {
    DATABASE_URL: database.appUrl,
    DATABASE_URL_SYSTEM: database.systemUrl,
    TEMPORAL_ADDRESS: temporalAddress(),
    TEMPORAL_NAMESPACE: namespace,
    CLAWLOOPS_KEY_FILE: keyFile,
    LITELLM_URL: 'http://127.0.0.1:9',
    LITELLM_MASTER_KEY: newSecret(),
    SERVICE_TOKEN: newSecret(),
    AUTH_SECRET: newSecret(),
    API_PORT: '0',
    PUBLIC_URL: 'http://localhost:4310',
    S3_ENDPOINT: 'http://127.0.0.1:9',
    S3_ACCESS_KEY: 'test',
    S3_SECRET_KEY: newSecret(),
    S3_BUCKET: 'clawloops',
    OUTBOUND_ALLOW: '127.0.0.0/8',
    ...env,
  };
  const deps = createDeps(readApiConfig(environment), logger, tracing);
  const api = await serveApi(deps);
  const owner = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
  owner.on('error', () => undefined);
  const others: RunningApi[] = [];
  return {
    api,
    deps,
    database,
    setupCode,
    hostToken,
    logged: () => lines.join(''),
    rows: async (sql, values = []) => (await owner.query(sql, [...values])).rows,
    asSuperuser: async (sql) => {
      const client = new pg.Client({ connectionString: withDatabase(inject('services').superuserUrl, new URL(database.ownerUrl).pathname.slice(1)) });
      await client.connect();
      try {
        return (await client.query(`${sql} AND datname = current_database()`)).rowCount ?? 0;
      } finally {
        await client.end();
      }
    },
    call: (request, body, options = {}) => callApi(api.url, request, body, options),
    second: async (overrides = {}) => {
      const other = await serveApi(createDeps(readApiConfig({ ...environment, ...overrides }), logger));
      others.push(other);
      return other;
    },
    close: async () => {
      await Promise.all([api, ...others].map((one) => one.close()));
      await owner.end();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function sink(lines: string[]): Writable {
  return new Writable({
    write: (line, _encoding, done) => {
      lines.push(String(line));
      done();
    },
  });
}

async function callApi(url: string, request: string, body: unknown, { key, headers = {}, raw, base = '/api/v1' }: CallOptions): Promise<Answer> {
  const [method = 'GET', target = '/'] = request.split(' ', 2);
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(`${url}${base}${target}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content }),
  });
  const text = await response.text();
  const answer = { status: response.status, headers: response.headers, body: text === '' ? null : parsed(text) };
  if (base === '/api/v1') checkAnswer(method, target, answer);
  return answer;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const FOUNDER = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' } as const;

/** Sets the platform up and answers an API key of its owner. */
export async function setUp(world: ApiWorld): Promise<string> {
  const answer = await world.call('POST /setup?key=true', { code: world.setupCode, ...FOUNDER });
  if (answer.status !== 201) throw new Error(`set-up answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body.secret as string;
}

export const HOST_INFO: HostInfo = {
  hostname: 'box',
  platform: 'linux',
  arch: 'x64',
  cpus: 4,
  memoryBytes: 8 * 2 ** 30,
  diskFreeBytes: 100 * 2 ** 30,
  bridgeVersion: '0.1.0',
  nodeVersion: '24.0.0',
  isolation: 'none',
  limits: { memory: false, cpu: false, reason: 'a test' },
  ports: { base: 20_000, perSlot: 10, slots: 50 },
};

/** Lets the seeded host be online with this much to give, as its bridge would have said, and stay so: no bridge is there to give signs of life. */
export async function hostOnline(world: ApiWorld, info: Partial<HostInfo> = {}): Promise<string> {
  const [row] = await world.rows<{ id: string }>("UPDATE host SET connected = true, info = $1, last_seen_at = now() + interval '1 day' RETURNING id", [
    JSON.stringify({ ...HOST_INFO, ...info }),
  ]);
  if (!row) throw new Error('the seed made no host');
  return row.id;
}

export interface Stranger {
  readonly tenantId: string;
  readonly projectId: string;
  readonly key: string;
}

/** Another tenant with an owner and a key. */
export async function addStranger(world: ApiWorld, role = 'owner', scopes: readonly string[] = ['read', 'write'], tenantId = `ten_${id()}`): Promise<Stranger> {
  const projectId = `prj_${id()}`;
  const userId = `usr_${id()}`;
  const keyBody = id();
  const secret = newSecret();
  await world.rows('INSERT INTO tenant (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING', [tenantId, 'Another']);
  await world.rows('INSERT INTO project (id, tenant_id, name) VALUES ($1, $2, $3)', [projectId, tenantId, `project-${projectId.slice(-6)}`]);
  await world.rows('INSERT INTO auth."user" (id, name, email, updated_at) VALUES ($1, $2, $3, now())', [userId, 'Eve', `${userId}@example.com`]);
  await world.rows('INSERT INTO membership (tenant_id, user_id, role) VALUES ($1, $2, $3)', [tenantId, userId, role]);
  await world.rows("INSERT INTO api_key (id, tenant_id, user_id, name, hash, scopes) VALUES ($1, $2, $3, 'test', encode(sha256($4::bytea), 'hex'), $5)", [
    `key_${keyBody}`,
    tenantId,
    userId,
    secret,
    scopes,
  ]);
  return { tenantId, projectId, key: `clp_${keyBody}_${secret}` };
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

function id(): string {
  return [...randomBytes(20)].map((byte) => ALPHABET[byte % 32]).join('');
}
