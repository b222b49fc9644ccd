import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CONTRACTS } from '../contracts.ts';
import { type ApiWorld, addStranger, FOUNDER, hostOnline, openApiWorld, type Stranger, setUp } from '../testing/api-world.ts';
import type { RouteContract } from './contract.ts';
import { CALLERS, ROLE_TABLE, type TableCaller, type Verdict } from './role-table.ts';

let world: ApiWorld;
let tenant: Stranger;
/** Paths and parts of paths by what stands for them in contracts. */
let things: Readonly<Record<string, string>>;
const headers = {} as Record<TableCaller, Record<string, string>>;

/** Reads of what this tenant has none of, and those that ask every part of the platform, most of which is not there. */
const PROBED = ['downloadLogArchive', 'getSystemHealth', 'getSupportBundle', 'getPreflight', 'getInstanceLogs', 'searchInstanceLogs'];

/** What another tenant's owner sends, where an empty body would not do. */
const BODIES: Readonly<Record<string, unknown>> = {
  changeMember: { role: 'viewer' },
  updateProject: { name: 'taken' },
  putProjectGrant: { role: 'viewer' },
  putNotificationSettings: { portal: [], mail: [], locale: 'en' },
  updateSavedView: { name: 'mine', query: {} },
  saveConfigVersion: { document: {} },
};

beforeAll(async () => {
  world = await openApiWorld();
  await setUp(world);
  await hostOnline(world);
  tenant = await addStranger(world);
  const people = await addPeople();
  for (const [caller, key] of Object.entries(people)) headers[caller as TableCaller] = { authorization: `Bearer ${key}` };
  const cookie = await signIn();
  const visiting = { cookie, origin: 'http://localhost:4310', 'x-tenant': tenant.tenantId };
  Object.assign(headers, { platformAdmin: visiting, platformAuditor: visiting });
  things = await makeThings(people.owner);
});

afterAll(() => world.close());

/** A key of each caller that has one. */
async function addPeople(): Promise<Partial<Record<TableCaller, string>> & { readonly owner: string }> {
  const inTenant = async (role: string, scopes = ['read', 'write']) => (await addStranger(world, role, scopes, tenant.tenantId)).key;
  const granted = await inTenant('member');
  await world.rows(
    `INSERT INTO project_grant (tenant_id, project_id, user_id, role)
     SELECT $1, (SELECT id FROM project WHERE tenant_id = $1 ORDER BY created_at, id LIMIT 1), user_id, 'operator' FROM api_key WHERE id = $2`,
    [tenant.tenantId, `key_${granted.slice(4, 24)}`],
  );
  return {
    owner: tenant.key,
    admin: await inTenant('admin'),
    operator: await inTenant('operator'),
    approver: await inTenant('approver'),
    viewer: await inTenant('viewer'),
    member: await inTenant('member'),
    granted,
    reader: await inTenant('owner', ['read']),
    otherOwner: (await addStranger(world)).key,
  };
}

async function signIn(): Promise<string> {
  const answer = await fetch(`${world.api.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'http://localhost:4310' },
    body: JSON.stringify({ email: FOUNDER.email, password: FOUNDER.password }),
  });
  expect(answer.status).toBe(200);
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}

/** One thing of each kind in the tenant, made by its owner; by the beginning of the paths that name one. */
async function makeThings(key: string): Promise<Record<string, string>> {
  const created = await world.call('POST /instances', { name: 'seen', resources: { cpu: '10m', memory: '64Mi' } }, { key });
  const provider = await world.call('POST /providers', { name: 'acme', kind: 'openai', apiKey: 'sk-test-0000', models: ['m'] }, { key });
  expect([created.status, provider.status]).toEqual([202, 201]);
  const config = await world.call('POST /configs', { name: 'seen' }, { key });
  expect(config.status).toBe(201);
  const { instance, operation } = created.body;
  const rollout = await world.call('POST /rollouts', { name: 'seen', change: { kind: 'restart' } }, { key });
  expect(rollout.status).toBe(201);
  const me = await world.call('GET /me', undefined, { key });
  const never = '0'.repeat(20);
  return {
    '/instances/{id}': `/instances/${instance.id}`,
    '/operations/{id}': `/operations/${operation.id}`,
    '/rollouts/{id}': `/rollouts/${rollout.body.id}`,
    '/projects/{id}': `/projects/${instance.projectId}`,
    '/hosts/{id}': `/hosts/${instance.spec.placement.hostId}`,
    '/configs/{id}': `/configs/${config.body.id}`,
    '{version}': '1',
    '/providers/{id}': `/providers/${provider.body.id}`,
    '/tenants/{id}': `/tenants/${tenant.tenantId}`,
    '/api-keys/{id}': `/api-keys/key_${never}`,
    '/me/views/{id}': `/me/views/viw_${never}`,
    '/invitations/{id}': `/invitations/inv_${never}`,
    '/account/sessions/{id}': `/account/sessions/${never}`,
    '/account/passkeys/{id}': `/account/passkeys/${never}`,
    '{userId}': me.body.user.id,
    '{instanceId}': instance.id,
    '{archiveId}': `lga_${never}`,
    '{name}': 'nothing',
  };
}

function pathOf({ path }: RouteContract): string {
  return Object.entries(things).reduce((known, [place, there]) => known.replace(place, there), path);
}

/**
 * Asks for something that changes nothing: a parameter that no route knows is refused only after rights are looked at. What only reads is
 * asked for as it is, so that also what the database shows counts.
 */
async function verdictOf(route: RouteContract, caller: TableCaller): Promise<Verdict> {
  const isOnce = route.method !== 'get' || PROBED.includes(route.id);
  // Nothing that it names is there for the owner of another tenant, so nothing can be done to it.
  const isReal = caller === 'otherOwner' && route.path.includes('{');
  const target = `${world.api.url}/api/v1${pathOf(route)}${isOnce && !isReal ? '?probe=1' : ''}`;
  const status = route.upgrade ? await upgradeStatus(target, headers[caller]) : await statusOf(route, target, headers[caller], isReal);
  return status === 401 || status === 403 ? 'refused' : status === 404 ? 'hidden' : 'allowed';
}

async function statusOf(route: RouteContract, target: string, sent: Record<string, string>, isReal: boolean): Promise<number> {
  const body = isReal && route.body ? JSON.stringify(BODIES[route.id] ?? {}) : null;
  const precondition = route.ifMatch ? { 'if-match': '*' } : {};
  const answer = await fetch(target, {
    method: route.method.toUpperCase(),
    headers: { ...sent, ...precondition, ...(body ? { 'content-type': 'application/json' } : {}) },
    body,
  });
  await answer.body?.cancel();
  return answer.status;
}

/** 101 when it opens. */
function upgradeStatus(target: string, sent: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(target.replace(/^http/, 'ws'), { headers: sent });
    socket.once('open', () => {
      socket.close();
      resolve(101);
    });
    socket.once('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    socket.on('error', reject);
  });
}

it('has a row for every route, and none for what is no route', () => {
  expect([...ROLE_TABLE.keys()].sort()).toEqual(CONTRACTS.map(({ id }) => id).sort());
  for (const { id, auth } of CONTRACTS) expect(ROLE_TABLE.get(id) === 'anybody', id).toBe(auth === 'none');
});

for (const caller of CALLERS) {
  it(`says of every route what it answers to the ${caller}`, async () => {
    if (caller === 'platformAuditor') await world.rows("UPDATE platform_role SET role = 'auditor'");
    const answered: Record<string, Verdict> = {};
    const expected: Record<string, Verdict> = {};
    for (const route of CONTRACTS) {
      const row = ROLE_TABLE.get(route.id);
      if (route.auth === 'none' || row === undefined || row === 'anybody') continue;
      answered[route.id] = await verdictOf(route, caller);
      expected[route.id] = row[caller];
    }
    expect(answered).toEqual(expected);
  });
}
