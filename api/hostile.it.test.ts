import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiWorld, addStranger, type CallOptions, hostOnline, openApiWorld, setUp } from './testing/api-world.ts';

let world: ApiWorld;
let key: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await hostOnline(world);
});

afterAll(() => world.close());

const call = (request: string, body?: unknown, options: CallOptions = {}) => world.call(request, body, { key, ...options });
const small = { resources: { cpu: '10m', memory: '64Mi' } };

describe('a stranger who asks for an upgrade', () => {
  /** Sends the head of a request as it stands and answers what came back until the connection ended, or until it was `cut`. */
  function upgrade(target: string, cut = false): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(world.api.port, '127.0.0.1', () => {
        socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, () => cut && socket.resetAndDestroy());
      });
      let answer = '';
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(answer));
    });
  }

  it('gets a problem document, whatever is in the place of a path', async () => {
    for (const target of ['//', '//:99999', 'http://[', '/', '/realtimes', '/internal/hosts/%zz/stream', '/api/v1/instances/x/stream']) {
      expect(await upgrade(target), target).toMatch(/^HTTP\/1\.1 404 [\s\S]*"code":"NOT_FOUND"/);
    }
    expect(await upgrade(`/internal/hosts/hst_${'0'.repeat(20)}/stream`)).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('and cuts the connection ends nothing but the connection', async () => {
    for (const target of ['//', '/realtimes', '/realtime/', '/realtime/?EIO=4&transport=websocket', '/internal/hosts/x/stream']) await upgrade(target, true);
    expect((await fetch(`${world.api.url}/livez`)).status).toBe(200);
  });
});

describe('text that no database keeps', () => {
  it('is refused with its place, not an error of the server', async () => {
    const wrong: [string, unknown, string][] = [
      ['GET /instances?q=%00', undefined, '/query/q'],
      ['GET /instances?type=a%00', undefined, '/query/type'],
      ['POST /api-keys', { name: 'a\0b' }, '/name'],
      ['POST /instances', { name: 'nul', ...small, config: { overrides: [{ key: 'a.b', value: { deep: ['\0'] } }] } }, '/config/overrides/0/value/deep/0'],
      ['POST /instances', { name: 'half', ...small, config: { overrides: [{ key: 'a.b', value: '\ud800' }] } }, '/config/overrides/0/value'],
      ['POST /instances', { name: 'label', ...small, labels: { env: 'a\u0007' } }, '/labels/env'],
    ];
    for (const [request, body, path] of wrong)
      expect((await call(request, body)).body, `${request} ${path}`).toMatchObject({ status: 422, errors: [{ path }] });
    expect((await world.call('POST /setup', { code: 'x\0', name: 'a', email: 'a@example.com', password: 'long enough password' })).body.errors).toMatchObject([
      { path: '/code' },
    ]);
  });

  it('is refused where people sign in and name themselves', async () => {
    const password = 'long enough password';
    const wrong: [string, object][] = [
      ['sign-in/email', { email: 'a\0@example.com', password }],
      ['sign-in/email', { email: 'a@example.com', password: 'half \ud800' }],
      ['update-user', { name: 'a\0b' }],
    ];
    for (const [target, body] of wrong) {
      const headers = { 'content-type': 'application/json', origin: world.api.url };
      const answer = await fetch(`${world.api.url}/api/auth/${target}`, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(answer.status, target).toBe(422);
      expect(await answer.json()).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: expect.stringMatching(/^\/(email|password|name)$/) }] });
    }
  });

  it('is refused in a cursor too, and so is one that somebody made up', async () => {
    const cursor = (at: object) => Buffer.from(JSON.stringify(at)).toString('base64url');
    const id = `ins_${'0'.repeat(20)}`;
    const wrong = [
      `/instances?cursor=${cursor({ sort: '-createdAt', value: '\0', id })}`,
      `/instances?cursor=${cursor({ sort: '-createdAt', value: id, id: '\0' })}`,
      `/operations?cursor=${cursor({ sort: '-createdAt', value: 'yesterday or so', id })}`,
      `/operations?cursor=${cursor({ sort: '-createdAt', value: '9999-99-99T99:99:99Z', id })}`,
      `/hosts?cursor=${cursor({ sort: 'createdAt', value: '', id: '\0' })}`,
      `/providers?cursor=${cursor({ sort: 'name', value: '\0', id })}`,
      `/api-keys?cursor=${cursor({ sort: '-createdAt', value: '', id: '\0' })}`,
    ];
    for (const target of wrong) expect((await call(`GET ${target}`)).body, target).toMatchObject({ status: 422, errors: [{ path: '/query/cursor' }] });
  });

  it('is refused when it is nested without end', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const post = (target: string, raw: string) => call(`POST ${target}`, undefined, { raw });
    const override = `{"name":"deep","config":{"overrides":[{"key":"a.b","value":${deep}}]}}`;
    expect((await post('/instances', override)).body).toMatchObject({ status: 422, errors: [{ path: '/config' }] });
    expect((await post('/claw-types', `{"spec":${deep}}`)).body).toMatchObject({ status: 422, errors: [{ path: '/spec' }] });
    expect((await post('/instances', deep)).body).toMatchObject({ status: 422, code: 'VALIDATION_FAILED' });
  });

  it('leaves nothing behind', async () => {
    expect(await world.rows('SELECT id FROM instance')).toEqual([]);
    expect(await world.rows("SELECT seq FROM outbox WHERE kind = 'command'")).toEqual([]);
  });
});

describe('a host that cannot separate claws', () => {
  it('takes those of one tenant, and of others once none of them is left', async () => {
    const stranger = await addStranger(world);
    const created = await call('POST /instances', { name: 'first', ...small });
    expect(created.status).toBe(202);
    const theirs = () => call('POST /instances', { name: 'theirs', ...small }, { key: stranger.key });
    expect((await theirs()).body).toMatchObject({ status: 422, code: 'CAPACITY_EXCEEDED', errors: [{ path: '/placement/hostId' }] });
    expect((await call('POST /instances', { name: 'second', ...small })).status).toBe(202);
    await hostOnline(world, { isolation: 'uid' });
    expect((await theirs()).status).toBe(202);
    await hostOnline(world, { isolation: 'none' });
    expect((await call('POST /instances', { name: 'third', ...small })).body).toMatchObject({ code: 'CAPACITY_EXCEEDED' });
    await world.rows('UPDATE instance SET destroyed_at = now() WHERE tenant_id = $1', [stranger.tenantId]);
    expect((await call('POST /instances', { name: 'third', ...small })).status).toBe(202);
  });
});
