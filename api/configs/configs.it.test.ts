import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, type Stranger, setUp } from '../testing/api-world.ts';

let world: ApiWorld;
let key: string;
let stranger: Stranger;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await hostOnline(world, { isolation: 'uid' });
  stranger = await addStranger(world);
});

afterAll(() => world.close());

const call = (request: string, body?: unknown, as = key) => world.call(request, body, { key: as });
const small = { cpu: '10m', memory: '16Mi', storage: '1Gi' };
const paths = (body: { errors: { path: string }[] }) => body.errors.map(({ path }) => path);

async function make(name: string, document: unknown, rest: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await call('POST /configs', { name, document, ...rest });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body.id;
}

async function publish(id: string, version: number, current = false): Promise<void> {
  const { status, body } = await call(`POST /configs/${id}/versions/${version}/publish`, { current });
  expect({ status, body }).toMatchObject({ status: 200, body: { state: 'published', version } });
}

async function save(id: string, document: unknown): Promise<number> {
  const { status, body } = await call(`POST /configs/${id}/versions`, { document });
  expect({ status, body }).toMatchObject({ status: 201, body: { state: 'draft' } });
  return body.version;
}

describe('a template', () => {
  it('is drafted, published, pinned by an instance, and moves nobody when it gets a new version', async () => {
    const document = {
      settings: { agent: { name: '{{vars.who}} desk' }, logging: { level: 'warn' } },
      variables: [{ name: 'who', required: true, description: 'whom it serves' }],
    };
    const id = await make('desk', document);
    const wanted = { name: 'desk-one', resources: small, config: { layers: [{ config: id }], variables: { who: 'Sales' } } };
    expect((await call('POST /instances', wanted)).body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: '/config/layers/0' }] });
    await publish(id, 1);
    expect((await call(`GET /configs/${id}`)).body).toMatchObject({ current: 1, published: 1, latest: 1, instances: 0 });

    const created = (await call('POST /instances', wanted)).body.instance;
    expect(created.spec.config).toEqual({ overrides: [], layers: [{ config: id, version: 1 }], variables: { who: 'Sales' } });
    const { effective, provenance } = (await call(`GET /instances/${created.id}/config`)).body;
    expect(effective).toMatchObject({ agent: { name: 'Sales desk' }, logging: { level: 'warn' } });
    expect(provenance).toContainEqual({
      key: 'logging.level',
      value: 'warn',
      source: 'template',
      config: { id, name: 'desk', version: 1 },
      lockedBy: null,
    });

    const second = await save(id, { ...document, settings: { ...document.settings, logging: { level: 'debug' } } });
    await publish(id, second);
    expect((await call(`GET /configs/${id}`)).body).toMatchObject({ current: 1, published: 2, latest: 2, instances: 1, outOfDate: 1 });
    const users = (await call(`GET /configs/${id}/instances?outOfDate=true`)).body.items;
    expect(users).toMatchObject([{ id: created.id, name: 'desk-one', version: 1, outOfDate: true }]);
    const change = { key: 'logging.level', change: 'changed', before: 'warn', after: 'debug' };
    expect((await call(`GET /configs/${id}/diff`)).body).toEqual({ from: 'desk 1', to: 'desk 2', changes: [change] });
    expect((await call(`GET /configs/${id}/diff?instance=${created.id}`)).body.changes).toEqual([change]);
    expect((await call(`GET /configs/${id}/versions`)).body.items.map((one: { version: number }) => one.version)).toEqual([2, 1]);

    await publish(id, second, true);
    expect((await call(`GET /configs/${id}`)).body.current).toBe(2);
    expect((await call(`GET /instances/${created.id}`)).body.spec.config.layers).toEqual([{ config: id, version: 1 }]);
  });

  it('is not saved over a version that its author had not seen', async () => {
    const id = await make('raced', { settings: {} });
    await save(id, { settings: { logging: { level: 'info' } } });
    const late = await call(`POST /configs/${id}/versions`, { document: { settings: {} }, basedOn: 1 });
    expect(late.body).toMatchObject({ status: 412, code: 'GENERATION_MISMATCH' });
  });

  it('never changes once it is a version', async () => {
    const id = await make('kept', { settings: { logging: { level: 'info' } } });
    await expect(world.rows("UPDATE config_version SET document = '{}' WHERE config_id = $1", [id])).rejects.toThrow('never changes');
  });

  it('is made of an openclaw.json, which says what of it is left out', async () => {
    const config = {
      gateway: { port: 18789, auth: { token: 'abc' } },
      agents: { defaults: { model: { primary: 'acme/large' }, heartbeat: { every: '2h' }, compaction: { mode: 'safeguard' } } },
      channels: { telegram: { enabled: true, botToken: '123:abc', dmPolicy: 'allowlist' } },
    };
    const { status, body } = await call('POST /configs/import', { name: 'brought-along', config });
    expect({ status, body }).toMatchObject({ status: 201 });
    expect(body.version.document.settings).toEqual({
      model: { name: 'acme/large' },
      schedule: { heartbeatMinutes: 120 },
      channels: { telegram: { enabled: true, botToken: '{{vars.telegram_botToken}}', dmPolicy: 'allowlist' } },
      openclaw: { agents: { defaults: { compaction: { mode: 'safeguard' } } } },
    });
    expect(body.leftOut.map(({ path }: { path: string }) => path)).toEqual([
      '/config/gateway/port',
      '/config/gateway/auth/token',
      '/config/channels/telegram/botToken',
    ]);
    expect(JSON.stringify(await world.rows('SELECT document FROM config_version'))).not.toContain('123:abc');
  });
});

describe('levels', () => {
  it('apply to new instances by themselves, widest first, and a lock of theirs holds', async () => {
    const own = await addStranger(world);
    const as = (request: string, body?: unknown) => call(request, body, own.key);
    const tenant = (
      await as('POST /configs', {
        name: 'house',
        level: 'tenant',
        document: { settings: { tools: { exec: 'deny' }, logging: { level: 'error' } }, locks: ['tools.exec'] },
      })
    ).body;
    await as(`POST /configs/${tenant.id}/versions/1/publish`);
    const project = (
      await as('POST /configs', { name: 'desk', level: 'project', projectId: own.projectId, document: { settings: { logging: { level: 'debug' } } } })
    ).body;
    await as(`POST /configs/${project.id}/versions/1/publish`);
    const made = await as('POST /instances', { name: 'levelled', resources: small });
    expect(made.body.instance.spec.config.layers).toEqual([
      { config: tenant.id, version: 1 },
      { config: project.id, version: 1 },
    ]);
    const { provenance } = (await as(`GET /instances/${made.body.instance.id}/config`)).body;
    const line = (wanted: string) => provenance.find((one: { key: string }) => one.key === wanted);
    expect(line('logging.level')).toMatchObject({ value: 'debug', source: 'project' });
    expect(line('tools.exec')).toMatchObject({ value: 'deny', source: 'tenant', lockedBy: { name: 'house', version: 1 } });
    const locked = await as('POST /instances', { name: 'breaker', resources: small, config: { overrides: [{ key: 'tools.exec', value: 'full' }] } });
    expect(locked.body).toMatchObject({ status: 409, code: 'CONFIG_LOCKED', errors: [{ path: '/config/overrides/0/key' }] });
    expect(locked.body.nextStep).toContain('house');
    const below = await as('POST /configs', { name: 'loose', document: { settings: { tools: { exec: 'full' } } } });
    expect(below.body).toMatchObject({ code: 'CONFIG_LOCKED', errors: [{ path: '/document/settings/tools/exec' }] });
    const twice = await as('POST /configs', { name: 'house-two', level: 'tenant' });
    expect(twice.body).toMatchObject({ code: 'NAME_TAKEN', errors: [{ path: '/level' }] });
  });

  it('of the platform are made by those who look after it and read by every tenant', async () => {
    expect((await call('POST /configs', { name: 'all', level: 'global' }, stranger.key)).body).toMatchObject({ status: 403 });
    const cookie = await signIn();
    const headers = { cookie, origin: 'http://localhost:4310' };
    const made = await world.call(
      'POST /configs',
      { name: 'all', level: 'global', document: { settings: { shutdown: { graceSeconds: 30 } } } },
      { key: null, headers },
    );
    expect(made).toMatchObject({ status: 201 });
    expect((await call(`GET /configs/${made.body.id}`, undefined, stranger.key)).body).toMatchObject({ level: 'global', current: null });
    expect((await call(`POST /configs/${made.body.id}/versions`, { document: {} }, stranger.key)).status).toBe(403);
  });

  it('are the matter of owners and admins, templates also of operators', async () => {
    const operator = (await addStranger(world, 'operator', ['read', 'write'], stranger.tenantId)).key;
    expect((await call('POST /configs', { name: 'mine', level: 'tenant' }, operator)).status).toBe(403);
    expect((await call('POST /configs', { name: 'mine' }, operator)).status).toBe(201);
  });
});

async function signIn(): Promise<string> {
  const answer = await fetch(`${world.api.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'http://localhost:4310' },
    body: JSON.stringify({ email: 'ada@example.com', password: 'correct horse battery' }),
  });
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}

describe('a bad config is refused where it is written, with its path and what to do', () => {
  const template = (settings: unknown, rest: Record<string, unknown> = {}) => call('POST /configs', { name: 'bad', document: { settings, ...rest } });

  it.each([
    ['an unknown key', { model: { colour: 'red' } }, 'INVALID_CONFIG', '/document/settings/model/colour'],
    ['a wrong type', { agent: { maxConcurrent: 'many' } }, 'INVALID_CONFIG', '/document/settings/agent/maxConcurrent'],
    [
      'a secret that nobody stored',
      { channels: { telegram: { enabled: true, botToken: { secret: 'absent' } } } },
      'INVALID_CONFIG',
      '/document/settings/channels/telegram/botToken',
    ],
    ['an include, which could be cyclic', { openclaw: { $include: './openclaw.json' } }, 'INVALID_CONFIG', '/document/settings/openclaw/$include'],
    [
      'a schedule that is none',
      { memory: { dreaming: { enabled: true, schedule: '61 3 * * *' } } },
      'INVALID_CONFIG',
      '/document/settings/memory/dreaming/schedule',
    ],
    ['a port, which the platform gives', { openclaw: { gateway: { port: 80 } } }, 'INVALID_CONFIG', '/document/settings/openclaw/gateway/port'],
    ['a variable that is not declared', { agent: { name: '{{vars.nobody}}' } }, 'INVALID_CONFIG', '/document/settings/agent/name'],
  ])('%s', async (_what, settings, code, path) => {
    const { body } = await template(settings);
    expect({ code: body.code, paths: paths(body) }).toEqual({ code, paths: [path] });
    expect(body.nextStep).not.toBe('');
    expect((await call('GET /configs?q=bad')).body.items).toEqual([]);
  });

  it('a model that the tenant may not use', async () => {
    const rules = { types: null, versions: null, models: ['demo'], maxReplicas: null, exposure: null };
    await world.rows("INSERT INTO claw_policy (tenant_id, scope_kind, scope_id, rules, last_updated_by) VALUES ($1, 'tenant', $1, $2, 'usr')", [
      stranger.tenantId,
      JSON.stringify(rules),
    ]);
    const { body } = await call('POST /configs', { name: 'dear', document: { settings: { model: { name: 'acme/dear' } } } }, stranger.key);
    expect(body).toMatchObject({ status: 403, code: 'POLICY_VIOLATED', errors: [{ path: '/document/settings/model/name' }] });
  });

  it('a file of 3 MB', async () => {
    const { body } = await template({ agent: { instructions: 'x'.repeat(3 * 2 ** 20) } });
    expect(body).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
    expect((await template({ agent: { instructions: 'x'.repeat(300 * 1024) } })).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path: '/document' }],
    });
  });

  it('a value that is missing when an instance is made', async () => {
    const id = await make('asks', { settings: { agent: { name: '{{vars.who}}' } }, variables: [{ name: 'who', required: true }] });
    await publish(id, 1);
    const { body } = await call('POST /instances', { name: 'asked', resources: small, config: { layers: [{ config: id }] } });
    expect(body).toMatchObject({ code: 'INVALID_CONFIG', errors: [{ path: '/config/variables/who' }] });
  });
});

describe('stored secrets', () => {
  it('are named by settings and shown to nobody', async () => {
    expect((await call('PUT /config-secrets/desk-bot', { value: '123456:very-secret' })).status).toBe(200);
    const id = await make('with-bot', { settings: { channels: { telegram: { enabled: true, botToken: { secret: 'desk-bot' } } } } });
    await publish(id, 1);
    expect((await call('POST /instances', { name: 'bot', resources: small, config: { layers: [{ config: id }] } })).status).toBe(202);
    expect((await call('GET /config-secrets')).body.items).toMatchObject([{ name: 'desk-bot' }]);
    const everywhere = JSON.stringify([
      await world.rows('SELECT * FROM config_secret'),
      await world.rows('SELECT * FROM audit_event'),
      await world.rows('SELECT * FROM config_version'),
    ]);
    expect(everywhere + world.logged()).not.toContain('very-secret');
    expect((await call('DELETE /config-secrets/desk-bot')).status).toBe(204);
    expect((await call('DELETE /config-secrets/desk-bot')).status).toBe(404);
  });
});
