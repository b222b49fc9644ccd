import createClient, { type Client } from 'openapi-fetch';
import pg from 'pg';
import WebSocket from 'ws';
import type { components, paths } from '../../../frontend/src/api/schema.d.ts';
import type { Platform } from '../platform.ts';
import { withDatabase } from './services.ts';
import { startThrowAwayPlatform } from './throw-away-platform.ts';

export type Instance = components['schemas']['Instance'];
export type Operation = components['schemas']['Operation'];

/** A whole platform on throw-away data with its first administrator signed in by an API key: what journeys and fault suites start from. */
export interface Fleet {
  readonly platform: Platform;
  readonly api: Client<paths>;
  readonly apiKey: string;
  readonly tenantId: string;
  readonly admin: { readonly email: string; readonly password: string };
  /** Rows as the database superuser sees them: for looking, and for locks that hold a step back. */
  readonly database: pg.Pool;
  close(): Promise<void>;
}

export interface FleetOptions {
  /** false: the suite makes the first administrator itself, and until then has no API key. */
  readonly setUp?: boolean;
  /** The portal takes seconds to build; only browser journeys look at it. */
  readonly portal?: boolean;
  /** false: without the model service, for suites in which nobody calls a model. */
  readonly models?: boolean;
  /** Extra environment of the API, the worker and the bridge. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function startFleet({ setUp = true, portal = false, models = true, env = {} }: FleetOptions = {}): Promise<Fleet> {
  const parts = [...(models ? ['litellm'] : []), ...(portal ? ['portal'] : []), 'seaweedfs', 'api', 'worker', 'bridge'];
  const { platform, remove } = await startThrowAwayPlatform({ parts, env });
  const database = new pg.Pool({ connectionString: withDatabase(platform.databaseUrls.superuser, 'clawloops'), max: 4 });
  database.on('error', () => undefined);
  const admin = { email: 'ada@example.com', password: `fleet-${crypto.randomUUID()}` };
  const anonymous = createClient<paths>({ baseUrl: `${platform.url}/api/v1` });
  let apiKey = '';
  let tenantId = '';
  if (setUp) {
    if (!platform.setupToken) throw new Error('the platform printed no set-up code');
    const { data, error } = await anonymous.POST('/setup', { params: { query: { key: 'true' } }, body: { code: platform.setupToken, name: 'Ada', ...admin } });
    if (!data?.secret) throw new Error(`set-up failed: ${JSON.stringify(error)}`);
    apiKey = data.secret;
    tenantId = data.tenant.id;
  }
  const api = createClient<paths>({ baseUrl: `${platform.url}/api/v1`, headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {} });
  return {
    platform,
    api,
    apiKey,
    tenantId,
    admin,
    database,
    close: async () => {
      await database.end();
      await remove();
    },
  };
}

/** The answer's body, or an error that says what the API said. */
export function ok<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) throw new Error(`${answer.response.status} ${answer.response.url}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

/** Asks again until `probe` answers something, at most `seconds`; the last error is the reason of the failure. */
export async function eventually<T>(what: string, seconds: number, probe: () => Promise<T | null | undefined | false>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown = 'it never came';
  while (Date.now() < deadline) {
    try {
      const found = await probe();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what}: not within ${seconds} s (${last instanceof Error ? last.message : String(last)})`);
}

/** Follows an operation to its end. */
export async function operationEnd(fleet: Fleet, id: string, seconds = 90): Promise<Operation> {
  return eventually(`operation ${id} ends`, seconds, async () => {
    const operation = ok(await fleet.api.GET('/operations/{id}', { params: { path: { id } } }));
    return operation.finishedAt ? operation : null;
  });
}

export async function readInstance(fleet: Fleet, id: string): Promise<Instance> {
  return ok(await fleet.api.GET('/instances/{id}', { params: { path: { id } } }));
}

export async function instanceInPhase(fleet: Fleet, id: string, phase: Instance['status']['phase'], seconds = 90): Promise<Instance> {
  let seen = '';
  return eventually(`instance ${id} is ${phase}`, seconds, async () => {
    const instance = await readInstance(fleet, id);
    seen = `${instance.status.phase}: ${instance.status.message}`;
    if (instance.status.phase !== phase) throw new Error(`it is ${seen}`);
    return instance;
  });
}

export interface ChatAnswer {
  readonly text: string;
  readonly error: { readonly code: string; readonly message: string; readonly nextStep: string } | null;
}

/** One chat turn over the WebSocket that the portal uses. */
export function chat(fleet: Fleet, instanceId: string, text: string): Promise<ChatAnswer> {
  const url = `${fleet.platform.url.replace(/^http/, 'ws')}/api/v1/instances/${instanceId}/stream`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${fleet.apiKey}` } });
  return new Promise((resolve, reject) => {
    let answer = '';
    const end = (result: ChatAnswer) => {
      socket.close();
      resolve(result);
    };
    socket.on('open', () => socket.send(JSON.stringify({ type: 'message', text, session: 'test' })));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.type === 'delta') answer += message.text;
      if (message.type === 'error') end({ text: answer, error: message.error });
      if (message.type === 'done') end({ text: answer, error: null });
    });
    socket.on('close', (code, reason) => reject(new Error(`the chat closed: ${code} ${reason}`)));
    socket.on('error', reject);
  });
}
