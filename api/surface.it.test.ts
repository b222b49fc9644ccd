import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CONTRACTS } from './contracts.ts';
import { type ApiWorld, type CallOptions, hostOnline, openApiWorld, setUp } from './testing/api-world.ts';
import { changed, seen } from './testing/check-answer.ts';

let world: ApiWorld;
let key: string;
let instanceId: string;
let operationId: string;
let hostId: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  hostId = await hostOnline(world);
  const created = await call('POST /instances', { name: 'one', resources: { cpu: '10m', memory: '64Mi' } });
  instanceId = created.body.instance.id;
  operationId = created.body.operation.id;
});

afterAll(() => world.close());

const call = (request: string, body?: unknown, options: CallOptions = {}) => world.call(request, body, { key, ...options });
const absent = (prefix: string) => `${prefix}_${'0'.repeat(20)}`;

/** What only its owner sees, what is asked with a body but changes nothing, and many at once, of which each accepted one is entered by itself. */
const NOT_ENTERED = [
  'previewRollout',
  'createSavedView',
  'updateSavedView',
  'removeSavedView',
  'previewInvitation',
  'beginPasskeySignIn',
  'bulkInstances',
  'readNotifications',
  'putNotificationSettings',
  'testSso',
  'findSso',
];

describe('every documented route', () => {
  it('answers what the OpenAPI document says', async () => {
    await call('GET /setup', undefined, { key: null });
    await call('POST /setup', { code: 'x', name: 'x', email: 'x@example.com', password: 'long enough password' }, { key: null });
    for (const target of [
      '/me',
      '/api-keys',
      '/instances',
      '/operations',
      '/events',
      '/hosts',
      '/claw-types',
      '/configs',
      '/config-secrets',
      '/providers',
      '/models',
      '/metrics/overview',
      '/metrics/top',
      '/metrics/top/hosts',
      '/quota',
      '/plans',
      '/usage/export',
      '/usage/export.csv',
      '/me/views',
      '/me/notifications',
      '/me/notification-settings',
      '/members',
      '/invitations',
      '/sso',
      '/audit',
      '/audit/export',
      '/audit/verify',
      '/system/key-rotations',
      '/system/health',
      '/system/preflight',
      '/system/support-bundle',
    ]) {
      expect((await call(`GET ${target}`)).status, target).toBe(200);
    }
    expect((await call('POST /system/key-rotations')).body).toMatchObject({ state: 'running', resealed: 0 });
    expect((await call('PUT /system/log-level', { part: 'worker', level: 'default' })).body).toEqual({ items: [] });
    expect((await call(`GET /system/trace?id=${operationId}`)).body).toMatchObject({ kind: 'operation', instanceId });
    const view = (await call('POST /me/views', { name: 'Production', query: { labels: 'env=prod' } })).body;
    expect((await call(`PUT /me/views/${view.id}`, { name: 'Live', query: {} })).body).toMatchObject({ id: view.id, name: 'Live' });
    expect((await call(`DELETE /me/views/${view.id}`)).status).toBe(204);
    expect((await call('POST /me/notifications/read', {})).status).toBe(204);
    expect((await call('PUT /me/notification-settings', { portal: [], mail: [], locale: 'ja' })).body.locale).toBe('ja');
    const invited = (await call('POST /invitations', { emails: ['guest@example.com'], role: 'viewer' })).body.items[0];
    const { link } = (await call(`POST /invitations/${invited.invitation.id}/resend`, {})).body;
    const code = new URL(link).hash.slice(1);
    expect((await call('POST /invitations/preview', { code }, { key: null })).body).toMatchObject({ email: 'guest@example.com', state: 'pending' });
    const guest = (await call('POST /invitations/accept', { code, name: 'Guest', password: 'long enough password' }, { key: null })).body.user;
    expect((await call(`PUT /members/${guest.id}`, { role: 'operator' })).body).toMatchObject({ name: 'Guest', role: 'operator' });
    expect((await call(`DELETE /members/${guest.id}`)).body).toMatchObject({ name: 'Guest', personalClaws: [] });
    expect((await call(`DELETE /invitations/${absent('inv')}`)).body).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    const made = await call('POST /api-keys', { name: 'k' });
    expect((await call(`DELETE /api-keys/${made.body.apiKey.id}`)).status).toBe(204);
    const { tenant, project } = (await call('GET /me')).body;
    expect((await call('PUT /plans/small', { seats: 9 })).body).toMatchObject({ name: 'small', seats: 9, entitlements: null });
    expect((await call(`PUT /tenants/${tenant.id}/plan`, { plan: 'small' })).body).toMatchObject({ plan: { name: 'small' } });
    for (const path of [`/tenants/${tenant.id}`, `/projects/${project.id}`]) {
      for (const part of ['quota', 'policies']) expect((await call(`PUT ${path}/${part}`, {})).status, `${path}/${part}`).toBe(200);
    }
    for (const part of ['quota', 'policies', 'plan']) expect((await call(`GET /tenants/${tenant.id}/${part}`)).status, part).toBe(200);
    for (const part of ['', '/operations', '/events', '/config', '/usage', '/metrics', '/logs/archives'])
      expect((await call(`GET /instances/${instanceId}${part}`)).status, part).toBe(200);
    expect((await call('GET /my-claw')).body).toMatchObject({ entitled: true, instance: null, ready: false });
    expect((await call('POST /my-claw', { type: 'nonsense' })).body).toMatchObject({ code: 'UNKNOWN_TYPE' });
    expect((await call(`POST /instances/${instanceId}/open`, {})).body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    for (const part of ['/logs/stream', '/metrics/stream', '/stream'])
      expect((await call(`GET /instances/${instanceId}${part}`)).body).toMatchObject({ status: 400, code: 'MALFORMED_REQUEST' });
    expect((await call(`GET /instances/${instanceId}/logs`)).body).toMatchObject({ code: 'HOST_OFFLINE' });
    await call(`GET /instances/${instanceId}/logs/search?q=x`);
    expect((await call(`GET /instances/${instanceId}/logs/archives/${absent('log')}/download`)).body).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect((await call(`GET /operations/${operationId}`)).status).toBe(200);
    expect((await call(`GET /hosts/${hostId}`)).status).toBe(200);
    expect((await call(`GET /hosts/${hostId}/metrics`)).status).toBe(200);
    const manifest = await readFile(path.join(import.meta.dirname, '../docs/examples/echo.claw-type.yaml'), 'utf8');
    const config = await call('POST /configs', { name: 'surface', document: { settings: { logging: { level: 'warn' } } } });
    const { id: configId } = config.body;
    for (const part of ['', '/versions', '/versions/1', '/diff', '/instances']) await call(`GET /configs/${configId}${part}`);
    expect((await call(`POST /configs/${configId}/versions`, { document: {} })).status).toBe(201);
    expect((await call(`POST /configs/${configId}/versions/2/publish`, {})).status).toBe(200);
    expect((await call('POST /configs/import', { name: 'imported', config: { logging: { level: 'warn' } } })).status).toBe(201);
    expect((await call('PUT /config-secrets/surface', { value: 'x' })).status).toBe(200);
    expect((await call('DELETE /config-secrets/surface')).status).toBe(204);
    const type = await call('POST /claw-types', undefined, { raw: manifest, headers: { 'content-type': 'application/yaml' } });
    expect(type.body).toMatchObject({ name: 'echo', source: 'manifest', chat: true });
    expect((await call('DELETE /claw-types/echo')).status).toBe(204);
    const provider = await call('POST /providers', { name: 'acme', kind: 'openai', apiKey: 'sk-test-0000', models: ['m-1'] });
    expect(provider.body).toMatchObject({ state: 'verifying', credential: { present: true } });
    expect(JSON.stringify(provider.body)).not.toContain('sk-test');
    for (const request of [`GET /providers/${provider.body.id}`, `POST /providers/${provider.body.id}/verify`, `DELETE /providers/${provider.body.id}`]) {
      expect((await call(request)).status, request).toBeLessThan(300);
    }
    await call(`DELETE /hosts/${hostId}/unknown-claws/${absent('ins')}`);
    await call(`POST /operations/${absent('op')}/retry-now`);
    await call(`POST /operations/${absent('op')}/give-up`);
    await call(`POST /operations/${absent('op')}/cancel`);
    const plan = { change: { kind: 'restart' }, selector: { ids: [instanceId] } };
    expect((await call('POST /rollouts/preview', plan)).body).toMatchObject({ targets: 1 });
    const rollout = (await call('POST /rollouts', { name: 'all', ...plan })).body;
    expect(rollout).toMatchObject({ name: 'all', targets: 1, counts: { pending: 1 } });
    for (const target of ['', `/${rollout.id}`, `/${rollout.id}/targets`]) expect((await call(`GET /rollouts${target}`)).status, target).toBe(200);
    for (const deed of ['approve', 'reject', 'resume', 'promote', 'rollback', 'retry']) await call(`POST /rollouts/${rollout.id}/${deed}`, {});
    for (const deed of ['pause', 'abort']) expect((await call(`POST /rollouts/${rollout.id}/${deed}`, {})).status, deed).toBe(202);
    expect((await call('POST /instances/bulk', { ids: [instanceId], action: { kind: 'stop' } })).body.items).toMatchObject([{ id: instanceId }]);
    for (const verb of ['start', 'stop', 'restart', 'kill', 'rotate-key', 'retry']) await call(`POST /instances/${instanceId}/${verb}`);
    await call(`PUT /instances/${instanceId}`, { name: 'two' }, { headers: { 'if-match': '*' } });
    expect((await call(`DELETE /instances/${instanceId}`)).status).toBe(202);
  });

  it('about accounts, people, tenants and projects does too', async () => {
    const nobody = absent('usr');
    const code = 'x'.repeat(43);
    const { project } = (await call('GET /me')).body;
    for (const target of ['/people', '/platform-roles', '/tenants', '/projects', `/projects/${project.id}`]) {
      expect((await call(`GET ${target}`)).status, target).toBe(200);
    }
    const made = (await call('POST /projects', { name: 'second' })).body;
    expect((await call(`PUT /projects/${made.id}`, { name: 'renamed' })).body).toMatchObject({ name: 'renamed' });
    expect((await call(`PUT /projects/${made.id}/grants/${nobody}`, { role: 'viewer' })).status).toBe(404);
    expect((await call(`DELETE /projects/${made.id}/grants/${nobody}`)).status).toBe(404);
    expect((await call(`DELETE /projects/${made.id}`)).status).toBe(204);
    const created = (await call('POST /tenants', { name: 'Other', owner: 'boss@example.com' })).body;
    const other = created.tenant.id;
    expect((await call(`GET /tenants/${other}`)).body).toMatchObject({ name: 'Other', state: 'active' });
    expect((await call(`PUT /tenants/${other}`, { name: 'Another' })).body).toMatchObject({ name: 'Another' });
    expect((await call(`DELETE /tenants/${other}`)).status).toBe(202);
    expect((await call('POST /platform-roles', { email: 'nobody@example.com', role: 'auditor' })).status).toBe(404);
    expect((await call(`DELETE /platform-roles/${nobody}`)).status).toBe(404);
    for (const deed of ['disable', 'enable', 'require-password-change']) expect((await call(`POST /people/${nobody}/${deed}`)).status, deed).toBe(404);
    for (const deed of ['suspend', 'resume']) expect((await call(`POST /members/${nobody}/${deed}`)).status, deed).toBe(404);
    const { apiKey } = (await call('POST /api-keys', { name: 'old' })).body;
    expect((await call(`POST /api-keys/${apiKey.id}/rotate`, {})).status).toBe(201);
    const connection = { name: 'Acme', issuer: 'https://10.0.0.1', clientId: 'c', scopes: ['openid'], domains: ['acme.example'] };
    expect((await call('PUT /sso', connection)).body).toMatchObject({ code: 'VALIDATION_FAILED' });
    const { name: _name, domains: _domains, ...trial } = { ...connection, issuer: 'http://127.0.0.1:9' };
    expect((await call('POST /sso/test', trial)).body).toMatchObject({ ok: false });
    expect((await call('PUT /sso', { ...connection, issuer: trial.issuer })).body).toMatchObject({ connection: { name: 'Acme' } });
    expect((await call('POST /sso/find', { email: 'x@acme.example' }, { key: null })).body).toMatchObject({ provider: { name: 'Acme' } });
    expect((await call('POST /sso/start', { email: 'x@acme.example' }, { key: null })).body).toMatchObject({ code: 'SSO_UNAVAILABLE' });
    expect((await call('GET /sso/callback?state=none', undefined, { key: null })).status).toBe(303);
    expect((await call('DELETE /sso')).status).toBe(204);
    for (const target of ['/account/security', '/account/sessions', '/account/passkeys', '/account/devices/ABCD-EFGH']) await call(`GET ${target}`);
    for (const target of ['sessions/none', 'passkeys/none']) await call(`DELETE /account/${target}`);
    for (const deed of ['approve', 'deny']) await call(`POST /account/devices/ABCD-EFGH/${deed}`);
    for (const target of ['sessions/end-others', 'email-verification', 'passkeys/options', 'passkeys']) await call(`POST /account/${target}`, {});
    for (const target of ['options', '']) await call(`POST /account/passkeys/sign-in${target && '/'}${target}`, {}, { key: null });
    await call('POST /account/email-verification/confirm', { code }, { key: null });
    await call('POST /account/password-reset', { email: 'nobody@example.com' }, { key: null });
    await call('POST /account/password-reset/confirm', { code, password: 'another long password' }, { key: null });
  });

  it('is called here', () => {
    // Every answer above was held against its contract; none may be missing.
    expect(CONTRACTS.map((route) => route.id).filter((id) => !seen.has(id))).toEqual([]);
  });

  it('enters what it changed into the audit', async () => {
    const rows = await world.rows<{ request_id: string }>("SELECT DISTINCT request_id FROM audit_event WHERE result = 'done'");
    const entered = new Set(rows.map(({ request_id: requestId }) => requestId));
    const unseen = [...changed].filter(([id, requests]) => !NOT_ENTERED.includes(id) && !requests.every((request) => entered.has(request)));
    expect(unseen.map(([id]) => id)).toEqual([]);
  });

  it('serves that document and a page for it from our own origin alone', async () => {
    const document = await call('GET /openapi.json');
    expect(document.body).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/api/v1' }] });
    const page = await call('GET /api/docs', undefined, { base: '', key: null });
    expect(page.body).not.toMatch(/https?:\/\//);
    for (const [, source] of String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)) expect((await fetch(`${world.api.url}${source}`)).status, source).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
  });

  it('needs somebody signed in, unless it says otherwise', async () => {
    for (const route of CONTRACTS) {
      if (route.auth === 'none') continue;
      const target = route.path.replace(/\{id\}/, absent('ins')).replace('{name}', 'x');
      const { body } = await call(`${route.method.toUpperCase()} ${target}`, undefined, { key: null });
      expect(body, route.id).toMatchObject(route.upgrade ? { status: 400 } : { status: 401, code: 'UNAUTHENTICATED' });
    }
  });
});

describe('a request that is wrong', () => {
  it('to an unknown path is a 404, with the wrong method a 405 that says which', async () => {
    expect((await call('GET /nonsense')).body).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect((await call('GET /api/nonsense', undefined, { base: '' })).body).toMatchObject({ status: 404 });
    const wrong = await fetch(`${world.api.url}/api/v1/instances/${instanceId}`, { method: 'PATCH', headers: { authorization: `Bearer ${key}` } });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('GET, PUT, DELETE, HEAD');
    expect(await wrong.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
  });

  it('with an id that cannot be one is a 404', async () => {
    for (const id of ['x', '../../etc', `ins_${'i'.repeat(20)}`, '%00', `ins_${"'".repeat(20)}`]) {
      expect((await call(`GET /instances/${encodeURIComponent(id)}`)).body, id).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
    expect((await fetch(`${world.api.url}/api/v1/instances/%E0%A4%A`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(400);
  });

  it('with a body that is not JSON, not an object, or of another type is told so', async () => {
    const post = (raw: string, type = 'application/json') => call('POST /instances', undefined, { raw, headers: { 'content-type': type } });
    expect((await post('{"name": ')).body).toMatchObject({ status: 400, code: 'MALFORMED_REQUEST' });
    expect((await post('[]')).body).toMatchObject({ status: 422, code: 'VALIDATION_FAILED' });
    expect((await post('null')).body).toMatchObject({ status: 422, code: 'VALIDATION_FAILED' });
    expect((await post('name=x', 'application/x-www-form-urlencoded')).body).toMatchObject({ status: 400, code: 'MALFORMED_REQUEST' });
    expect((await post('name: x', 'application/yaml')).body).toMatchObject({ status: 400, code: 'MALFORMED_REQUEST' });
    expect((await post('{"name":"x","__proto__":{"a":1}}')).body).toMatchObject({ status: 422, errors: [{ path: '/__proto__' }] });
  });

  it('with a body of 20 MB is refused', async () => {
    const { body } = await call('POST /instances', undefined, { raw: Buffer.alloc(20 * 1024 * 1024, 'x') });
    expect(body).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
  });

  it('that puts a body where none belongs is told so', async () => {
    expect((await call(`POST /instances/${instanceId}/start`, { force: true })).body).toMatchObject({ status: 422, errors: [{ path: '/force' }] });
    expect((await call('GET /me?x=1')).body).toMatchObject({ status: 422, errors: [{ path: '/query/x' }] });
  });

  it('with a manifest that is wrong names every place', async () => {
    const wrong = await call('POST /claw-types', {
      apiVersion: 'clusterclaw.io/v1',
      kind: 'ClawType',
      metadata: { name: 'Bad Name' },
      spec: { versions: [], ports: [] },
    });
    expect(wrong.body.status).toBe(422);
    expect(wrong.body.errors.map((error: { path: string }) => error.path)).toEqual(expect.arrayContaining(['/metadata/name']));
    expect((await call('POST /claw-types', undefined, { raw: 'a: [', headers: { 'content-type': 'application/yaml' } })).body).toMatchObject({ status: 400 });
    const bomb = `a: &a [x,x,x]\n${'bcdefgh'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`)
      .join('\n')}`;
    expect((await call('POST /claw-types', undefined, { raw: bomb, headers: { 'content-type': 'application/yaml' } })).body).toMatchObject({ status: 400 });
  });
});

describe('the database away', () => {
  it('is a clear 503 that heals by itself', async () => {
    const superuser = new pg.Client({ connectionString: inject('services').superuserUrl });
    await superuser.connect();
    const name = new URL(world.database.ownerUrl).pathname.slice(1);
    await superuser.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
    await superuser.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    try {
      expect((await call('GET /instances')).body).toMatchObject({ status: 503, code: 'DATABASE_UNAVAILABLE' });
      expect((await fetch(`${world.api.url}/readyz`)).status).toBe(503);
      expect((await fetch(`${world.api.url}/livez`)).status).toBe(200);
    } finally {
      await superuser.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
      await superuser.end();
    }
    await expect.poll(async () => (await fetch(`${world.api.url}/readyz`)).status).toBe(200);
    expect((await call('GET /instances')).status).toBe(200);
  });
});
