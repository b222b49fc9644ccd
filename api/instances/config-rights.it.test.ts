import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';

let world: ApiWorld;
let owner: string;
let tenantId: string;
/** A project with an operator of its own, and one of others. */
let mine: string;
let theirs: string;

beforeAll(async () => {
  world = await openApiWorld();
  owner = await setUp(world);
  await hostOnline(world, { isolation: 'uid' });
  tenantId = (await call('GET /me')).body.tenant.id;
  mine = (await call('POST /projects', { name: 'mine' })).body.id;
  theirs = (await call('POST /projects', { name: 'theirs' })).body.id;
});

afterAll(() => world.close());

const small = { cpu: '10m', memory: '16Mi', storage: '1Gi' };
const call = (request: string, body?: unknown, key = owner) => world.call(request, body, { key });
const bot = (secret: string) => ({ overrides: [{ key: 'channels.telegram.botToken', value: { secret } }] });

async function person(role: string): Promise<{ readonly key: string; readonly userId: string }> {
  const { key } = await addStranger(world, role, ['read', 'write'], tenantId);
  return { key, userId: (await call('GET /me', undefined, key)).body.user.id };
}

async function granted(role = 'member'): Promise<string> {
  const { key, userId } = await person(role);
  expect((await call(`PUT /projects/${mine}/grants/${userId}`, { role: 'operator' })).status).toBe(200);
  return key;
}

/** A claw that stands still, so that it can be changed at once. */
async function claw(name: string, rest: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await call('POST /instances', { name, projectId: mine, resources: small, ...rest });
  expect({ status, body }).toMatchObject({ status: 202 });
  return settled(body.instance.id);
}

async function settled(id: string): Promise<string> {
  await world.rows("UPDATE operation SET state = 'succeeded', finished_at = now() WHERE instance_id = $1", [id]);
  await world.rows("UPDATE instance SET intent_phase = 'Stopped', operation_id = NULL WHERE id = $1", [id]);
  return id;
}

async function published(body: Record<string, unknown>): Promise<string> {
  const made = await call('POST /configs', body);
  expect(made).toMatchObject({ status: 201 });
  expect((await call(`POST /configs/${made.body.id}/versions/1/publish`)).status).toBe(200);
  return made.body.id;
}

const update = (id: string, config: unknown, key: string) => world.call(`PUT /instances/${id}`, { config }, { key, headers: { 'if-match': '*' } });

describe('stored secrets of the tenant', () => {
  beforeAll(async () => {
    for (const name of ['other-team-bot', 'house-bot', 'template-bot']) expect((await call(`PUT /config-secrets/${name}`, { value: 'x' })).status).toBe(200);
  });

  async function refused(id: string, key: string): Promise<void> {
    const there = await update(id, bot('other-team-bot'), key);
    const absent = await update(id, bot('absent-bot'), key);
    expect(there.body).toMatchObject({ status: 422, code: 'INVALID_CONFIG', errors: [{ path: '/config' }] });
    const said = ({ detail, nextStep, errors }: typeof there.body) => JSON.stringify({ detail, nextStep, errors });
    expect(said(there.body).replaceAll('other-team-bot', 'absent-bot')).toBe(said(absent.body));
  }

  it('are used by nobody who operates single projects, who is not told which there are', async () => {
    const id = await claw('granted');
    await refused(id, await granted());
    const made = { name: 'new', projectId: mine, resources: small, config: bot('other-team-bot') };
    expect((await call('POST /instances', made, await granted())).body).toMatchObject({ code: 'INVALID_CONFIG' });
  });

  it('are used neither by who looks at the whole tenant and operates one project of it', async () => {
    await refused(await claw('looked-at'), await granted('viewer'));
  });

  it('are used by nobody for a claw of their own', async () => {
    const { key, userId } = await person('member');
    const id = await claw('own');
    await world.rows('UPDATE instance SET owner_id = $2 WHERE id = $1', [id, userId]);
    await refused(id, key);
  });

  it('are used by an operator of the whole tenant, and what a claw has stays when others change it', async () => {
    const { key } = await person('operator');
    const id = await claw('served');
    expect((await update(id, bot('absent-bot'), key)).body).toMatchObject({ code: 'INVALID_CONFIG', errors: [{ path: '/config' }] });
    expect((await update(id, bot('other-team-bot'), key)).status).toBe(202);
    await settled(id);
    const { overrides } = bot('other-team-bot');
    const renamed = { overrides: [...overrides, { key: 'agent.name', value: 'Desk' }] };
    expect((await update(id, renamed, await granted())).status).toBe(202);
  });

  it('are not taken by way of a template or the value of a variable', async () => {
    const key = await granted();
    const channels = (botToken: unknown) => ({ channels: { telegram: { enabled: true, botToken } } });
    const fixed = await published({ name: 'fixed', document: { settings: channels({ secret: 'template-bot' }) } });
    const open = await published({
      name: 'open',
      document: { settings: channels('{{vars.bot}}'), variables: [{ name: 'bot', required: false, secret: true }] },
    });
    const id = await claw('templated');
    expect((await update(id, { layers: [{ config: fixed }] }, key)).body).toMatchObject({ code: 'INVALID_CONFIG' });
    expect((await update(id, { layers: [{ config: open }], variables: { bot: 'other-team-bot' } }, key)).body).toMatchObject({ code: 'INVALID_CONFIG' });
    expect((await update(id, { layers: [{ config: open }] }, key)).status).toBe(202);
  });

  it('reach every claw below a level that names them, whoever makes it', async () => {
    const settings = { channels: { telegram: { enabled: true, botToken: { secret: 'house-bot' } } } };
    await published({ name: 'of-mine', level: 'project', projectId: mine, document: { settings } });
    expect((await call('POST /instances', { name: 'below', projectId: mine, resources: small }, await granted())).status).toBe(202);
  });

  it('are seen in the database by whoever sees the whole tenant only', async () => {
    const names = (projectIds: readonly string[] | null) =>
      world.deps.database.within(projectIds && { projectIds, selfIds: [] }, () =>
        world.deps.database.withTenantSql(tenantId, async (sql) => (await sql.query('SELECT name FROM config_secret')).rowCount),
      );
    expect([await names(null), await names([mine]), await names([])]).toEqual([3, 0, 0]);
  });
});

describe('a level of another project', () => {
  it('is no config that a claw can be given, and nothing is said of it', async () => {
    const key = await granted();
    const id = await claw('curious');
    const wider = await published({
      name: 'confidential',
      level: 'project',
      projectId: theirs,
      document: { settings: { agent: { instructions: 'secret plan' } } },
    });
    for (const pin of [{ config: wider }, { config: wider, version: 1 }, { config: wider, version: 2 }]) {
      const changed = await update(id, { layers: [pin] }, key);
      expect(changed.body).toMatchObject({
        status: 422,
        code: 'VALIDATION_FAILED',
        errors: [{ path: '/config/layers/0', message: expect.stringContaining('is no config') }],
      });
      const made = await call('POST /instances', { name: 'new', projectId: mine, resources: small, config: { layers: [pin] } }, key);
      expect(made.body).toMatchObject({
        status: 422,
        code: 'VALIDATION_FAILED',
        errors: [{ path: '/config/layers/0', message: expect.stringContaining('is no config') }],
      });
      expect(JSON.stringify([changed.body, made.body])).not.toContain('confidential');
    }
    expect(JSON.stringify((await call(`GET /instances/${id}/config`, undefined, key)).body)).not.toContain('secret plan');
  });

  it('of its own project is taken by a claw that began before it, and kept when its templates change', async () => {
    const project = (await call('POST /projects', { name: 'late' })).body.id;
    const id = await claw('early', { projectId: project });
    const level = await published({ name: 'late-level', level: 'project', projectId: project, document: { settings: { agent: { name: 'Late' } } } });
    expect((await update(id, { layers: [{ config: level }] }, owner)).status).toBe(202);
    await settled(id);
    expect((await update(id, { layers: [] }, owner)).status).toBe(202);
    expect((await call(`GET /instances/${id}`)).body.spec.config.layers).toEqual([{ config: level, version: 1 }]);
  });
});
