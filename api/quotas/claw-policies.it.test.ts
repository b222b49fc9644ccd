import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { secretHash } from '../../activities/platform/ids.ts';
import { assertExposure } from '../http/claw-policies.ts';
import { type ApiWorld, addStranger, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';

let world: ApiWorld;
let key: string;
let tenantId: string;
let projectId: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  await hostOnline(world);
  const [project] = await world.rows<{ id: string; tenant_id: string }>('SELECT id, tenant_id FROM project');
  tenantId = project!.tenant_id;
  projectId = project!.id;
});

afterAll(() => world.close());

afterEach(async () => {
  await world.rows('DELETE FROM claw_policy');
  await world.rows("UPDATE instance SET intent_phase = 'Destroyed', destroyed_at = now() WHERE destroyed_at IS NULL");
});

let count = 0;
const small = { cpu: '1m', memory: '16Mi' };
const call = (request: string, body?: unknown, headers: Record<string, string> = {}) => world.call(request, body, { key, headers });
const create = (more: object = {}) => call('POST /instances', { name: `claw-${++count}`, resources: small, ...more });
const model = (name: string) => ({ config: { overrides: [{ key: 'model.name', value: name }] } });
const ruleTenant = (rules: object) => call(`PUT /tenants/${tenantId}/policies`, rules);
const ruleProject = (rules: object) => call(`PUT /projects/${projectId}/policies`, rules);

async function made(phase: string, more: object = {}): Promise<string> {
  const { status, body } = await create(more);
  expect(status, JSON.stringify(body)).toBe(202);
  const { id } = body.instance;
  await world.rows("UPDATE operation SET state = 'succeeded', finished_at = now() WHERE instance_id = $1", [id]);
  await world.rows('UPDATE instance SET intent_phase = $2 WHERE id = $1', [id, phase]);
  return id;
}

describe('a new claw', () => {
  it('is refused by a rule of the tenant, which the answer names', async () => {
    await ruleTenant({ types: ['echo'] });
    const refused = await create();
    expect(refused.body).toMatchObject({ status: 403, code: 'POLICY_VIOLATED', errors: [{ path: '/type' }] });
    expect(refused.body.detail).toBe('The type openclaw is not allowed by the rule "types" of the tenant Default; allowed: echo.');
    expect(refused.body.nextStep).toContain('administrator of the platform');
  });

  it('is refused by a rule of the project on its model, chosen or by default, with the setting that broke it', async () => {
    await ruleProject({ models: ['acme/*'] });
    const chosen = await create(model('other/one'));
    expect(chosen.body).toMatchObject({ code: 'POLICY_VIOLATED', errors: [{ path: '/config/overrides/0/value' }] });
    expect(chosen.body.detail).toContain('the rule "models" of the project default');
    expect((await create()).body).toMatchObject({ code: 'POLICY_VIOLATED', errors: [{ path: '/config' }] });
    expect((await create(model('acme/gpt-5'))).status).toBe(202);
  });

  it('is judged by a dry run as by a create', async () => {
    await ruleTenant({ versions: { openclaw: ['0.*'] } });
    const dry = await call('POST /instances?dryRun=true', { name: 'dry', resources: small });
    expect(dry.body).toMatchObject({ valid: false, problem: { code: 'POLICY_VIOLATED' }, errors: [{ path: '/version' }] });
  });
});

describe('a claw that was there before the rule', () => {
  it('may be stopped and relabelled, and cannot be started or restarted', async () => {
    const [stopped, running] = [await made('Stopped'), await made('Running')];
    await ruleTenant({ models: ['acme/*'] });
    expect((await call(`POST /instances/${stopped}/start`)).body).toMatchObject({ status: 403, code: 'POLICY_VIOLATED' });
    expect((await call(`POST /instances/${running}/restart`)).body.code).toBe('POLICY_VIOLATED');
    expect((await call(`PUT /instances/${running}`, { labels: { team: 'a' } }, { 'if-match': '*' })).status).toBe(202);
    await world.rows("UPDATE operation SET state = 'succeeded', finished_at = now() WHERE instance_id = $1", [running]);
    expect((await call(`POST /instances/${running}/stop`)).status).toBe(202);
  });

  it('is changed to what the rule allows, not to something else that it forbids', async () => {
    const id = await made('Stopped');
    await ruleTenant({ models: ['acme/*'] });
    const put = (name: string) => call(`PUT /instances/${id}`, model(name), { 'if-match': '*' });
    expect((await put('other/one')).body).toMatchObject({ code: 'POLICY_VIOLATED', errors: [{ path: '/config/overrides/0/value' }] });
    expect((await put('acme/gpt-5')).status).toBe(202);
  });

  it('is left out in the preview of many, with the rule, as when it is done', async () => {
    const [forbidden, allowed] = [await made('Stopped'), await made('Stopped', model('acme/gpt-5'))];
    await ruleProject({ models: ['acme/*'] });
    const request = { ids: [forbidden, allowed], action: { kind: 'start' } };
    const preview = await call('POST /instances/bulk?dryRun=true', request);
    expect(preview.body).toMatchObject({ accepted: 1, refused: 1, items: [{ refusal: { code: 'POLICY_VIOLATED' } }, { refusal: null }] });
    expect(preview.body.items[0].refusal.message).toContain('rule "models"');
    const done = await call('POST /instances/bulk', request);
    expect(done.body).toMatchObject({ accepted: 1, refused: 1, items: [{ refusal: { code: 'POLICY_VIOLATED' } }, { refusal: null }] });
  });
});

describe('the model gateway', () => {
  it('refuses a model that a policy forbids with the name of the rule, as OpenAI’s clients read it, and does not list it', async () => {
    const instanceId = await made('Running', model('acme/gpt-5'));
    const secret = 's'.repeat(43);
    await world.rows('DELETE FROM model_key WHERE instance_id = $1', [instanceId]);
    await world.rows(
      "INSERT INTO model_key (id, tenant_id, project_id, instance_id, generation, hash) VALUES ('clk_0123456789abcdefghjk', $1, $2, $3, 9, $4)",
      [tenantId, projectId, instanceId, secretHash(secret)],
    );
    await ruleProject({ models: ['acme/*'] });
    const ask = (path: string, body?: unknown) =>
      world.call(`${body ? 'POST' : 'GET'} ${path}`, body, { key: `clk_0123456789abcdefghjk_${secret}`, base: '/v1' });
    const refused = await ask('/chat/completions', { model: 'demo', messages: [{ role: 'user', content: 'hi' }] });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'POLICY_VIOLATED', type: 'permission_error', param: 'model' } } });
    expect(refused.body.error.message).toContain('The model demo is not allowed by the rule "models" of the project default; allowed: acme/*.');
    expect((await ask('/models')).body.data).toEqual([]);
    await world.rows('DELETE FROM claw_policy');
    await expect.poll(async () => (await ask('/models')).body.data).toMatchObject([{ id: 'demo' }]);
  });
});

describe('rules', () => {
  it('are shown to whoever works here, changed by the platform for the tenant and by admins for a project, and audited', async () => {
    const admin = await addStranger(world, 'admin', ['read', 'write'], tenantId);
    const put = (path: string) => world.call(`PUT ${path}/policies`, { maxReplicas: 1, exposure: 'none' }, { key: admin.key });
    expect((await put(`/tenants/${tenantId}`)).status).toBe(403);
    const answer = await put(`/projects/${projectId}`);
    expect(answer.status).toBe(200);
    const viewer = await addStranger(world, 'viewer', ['read'], tenantId);
    const seen = await world.call(`GET /tenants/${tenantId}/policies`, undefined, { key: viewer.key });
    expect(seen.body.tenant).toMatchObject({ scope: { kind: 'tenant', id: tenantId }, rules: { types: null } });
    expect(seen.body.projects.find(({ scope }: { scope: { id: string } }) => scope.id === projectId).rules).toMatchObject({ maxReplicas: 1, exposure: 'none' });
    const audited = await world.rows("SELECT before, after FROM audit_event WHERE action = 'policy.set' AND target = $1 ORDER BY seq DESC LIMIT 1", [
      projectId,
    ]);
    expect(audited).toMatchObject([{ before: { maxReplicas: null }, after: { maxReplicas: 1 } }]);
  });

  it('on who may open the page of a claw hold for everybody', async () => {
    const open = () => world.deps.database.withTenantSql(tenantId, (sql) => assertExposure(sql, projectId));
    await open();
    await ruleProject({ exposure: 'members' });
    await open();
    await ruleTenant({ exposure: 'none' });
    await expect(open()).rejects.toMatchObject({ code: 'POLICY_VIOLATED', message: expect.stringContaining('the rule "exposure" of the tenant Default') });
  });

  it('that are none are refused with the field that is wrong', async () => {
    expect((await ruleTenant({ models: 'demo' })).body).toMatchObject({ status: 422, errors: [{ path: '/models' }] });
    expect((await ruleTenant({ colour: ['red'] })).body).toMatchObject({ status: 422, errors: [{ path: '/colour' }] });
  });
});
