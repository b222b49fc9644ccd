import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formsOf, secretsIn } from '../../deploy/local/testing/secret-forms.ts';
import { type ApiWorld, addStranger, FOUNDER, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'clawloops-bundle-'));
/** Nothing of these may be in a bundle, however it is written. */
const canaries = {
  providerKey: `sk-proj-${randomBytes(24).toString('base64url')}`,
  clawSecret: randomBytes(24).toString('base64url'),
  setting: `canary-setting-${randomBytes(8).toString('hex')}`,
  chat: 'the merger with Initech is on Friday',
  databasePassword: randomBytes(18).toString('base64url'),
  cookie: randomBytes(32).toString('base64url'),
  passphrase: FOUNDER.password,
  mail: FOUNDER.email,
};
const planted: Record<string, string> = { ...canaries };
let world: ApiWorld;
let key: string;
let instanceId: string;

beforeAll(async () => {
  world = await openApiWorld({ env: { CLAWLOOPS_DATA_DIR: dataDir } });
  key = await setUp(world);
  const hostId = await hostOnline(world);
  const { config } = world.deps;
  Object.assign(planted, { apiKey: key, setupCode: world.setupCode, hostToken: world.hostToken, authSecret: config.AUTH_SECRET });
  Object.assign(planted, { serviceToken: config.SERVICE_TOKEN, masterKey: config.LITELLM_MASTER_KEY, objectSecret: config.S3_SECRET_KEY });
  await world.call('POST /providers', { name: 'acme-models', kind: 'openai', apiKey: canaries.providerKey, models: ['m'] }, { key });
  const body = { name: 'sales-bot', resources: { cpu: '10m', memory: '64Mi' }, labels: { owner: 'canary-label-9f3c1b' } };
  const made = await world.call('POST /instances', body, { key, headers: { 'idempotency-key': 'one' } });
  instanceId = made.body.instance.id;
  const spec = JSON.stringify({ config: { overrides: [{ key: 'x', value: canaries.setting }] } });
  await world.rows('UPDATE instance SET spec = spec || $2::jsonb, message = $3 WHERE id = $1', [
    instanceId,
    spec,
    `the claw sales-bot said token=${canaries.clawSecret}`,
  ]);
  await world.rows(
    "INSERT INTO workload (instance_id, tenant_id, host_id, generation, desired, document, secrets) SELECT id, tenant_id, $2, 1, 'running', $3, $4 FROM instance WHERE id = $1",
    [instanceId, hostId, JSON.stringify({ env: { CANARY: canaries.clawSecret } }), canaries.clawSecret],
  );
  const error = { code: 'INTERNAL', message: `refused with Authorization: Bearer ${canaries.providerKey}`, nextStep: 'none' };
  await world.rows("UPDATE operation SET state = 'failed', finished_at = now(), error = $2, steps = $3 WHERE instance_id = $1", [
    instanceId,
    JSON.stringify(error),
    JSON.stringify([{ name: 'reserve', state: 'failed', attempt: 5, error }]),
  ]);
  writeLogs();
});
afterAll(async () => {
  await world.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Logs in which somebody was careless in every way there is. */
function writeLogs(): void {
  const logs = join(dataDir, 'logs');
  mkdirSync(logs);
  const url = `postgresql://app:${canaries.databasePassword}@127.0.0.1:5432/clawloops`;
  const lines = [
    { level: 40, msg: 'a connection was lost', err: { message: `connect ${url} failed`, config: planted } },
    {
      level: 30,
      msg: 'request',
      req: { method: 'POST', path: '/api/v1/instances', headers: { cookie: canaries.cookie }, body: canaries.chat },
      chat: canaries.chat,
    },
    { level: 50, msg: 'an activity failed', instanceId, ...planted },
    ...Object.values(planted)
      .filter((secret) => ![canaries.chat, canaries.setting].includes(secret))
      .flatMap((secret) => formsOf(secret).map((form) => ({ level: 30, msg: 'refused', reason: `password: "${form}"` }))),
  ];
  writeFileSync(join(logs, 'api.log'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  writeFileSync(
    join(logs, 'postgres.log'),
    `2026-11-21 [1] LOG:  database system is ready\n2026-11-21 [2] ERROR:  duplicate key\n2026-11-21 [2] DETAIL:  Key (email)=(${canaries.mail}) exists.\n2026-11-21 [2] STATEMENT:  INSERT INTO note\n\tVALUES ('${canaries.chat}')\n`,
  );
  writeFileSync(
    join(logs, 'temporal.log'),
    `time=1 level=WARN msg="refused" authorization="Bearer ${canaries.cookie}" url=${url}?sslpassword=${canaries.databasePassword}\n`,
  );
  writeFileSync(join(dataDir, 'secrets.json'), JSON.stringify(planted));
}

async function bundle(query = ''): Promise<Map<string, string>> {
  const response = await fetch(`${world.api.url}/api/v1/system/support-bundle${query}`, { headers: { authorization: `Bearer ${key}` } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/gzip');
  expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="clawloops-support-\d{8}T\d{6}Z\.tar\.gz"$/);
  const tar = extract();
  tar.end(gunzipSync(Buffer.from(await response.arrayBuffer())));
  const files = new Map<string, string>();
  for await (const entry of tar) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry as AsyncIterable<Uint8Array>) chunks.push(chunk);
    files.set(entry.header.name.split('/').slice(1).join('/'), Buffer.concat(chunks).toString('utf8'));
  }
  return files;
}

test('a bundle says what is in it and holds what a supporter needs', async () => {
  const files = await bundle();
  const about = JSON.parse(files.get('about.json') ?? '{}');
  expect(about.files).toEqual([...files.keys()].filter((name) => name !== 'about.json'));
  expect(about.leftOut).toContain('3 lines of logs/postgres.log that repeat what was written');
  expect(JSON.parse(files.get('instances.json') ?? '[]')).toMatchObject([{ id: instanceId, name: 'sales-bot', phase: 'Creating' }]);
  expect(JSON.parse(files.get('operations.json') ?? '[]')).toMatchObject([
    { instance_id: instanceId, state: 'failed', error: { code: 'INTERNAL' }, steps: [{ attempt: 5 }] },
  ]);
  expect(JSON.parse(files.get('providers.json') ?? '[]')).toMatchObject([{ name: 'acme-models', kind: 'openai', has_credential: true }]);
  expect(JSON.parse(files.get('configuration.json') ?? '{}')).toMatchObject({ S3_BUCKET: 'clawloops', AUTH_SECRET: 'set', DATABASE_URL: 'set' });
  expect(JSON.parse(files.get('health.json') ?? '{}')).toMatchObject({ components: expect.arrayContaining([expect.objectContaining({ name: 'database' })]) });
  expect(files.get('logs/postgres.log')).toContain('database system is ready');
  expect(files.get('logs/api.log')).toContain('an activity failed');
});

test.each(['', '?names=false'])('no secret, no word of a chat, no setting and no address of a person is in it, in whatever form (%s)', async (query) => {
  const files = await bundle(query);
  const found = [...files].flatMap(([name, text]) => secretsIn(Buffer.from(text), planted).map((what) => `${what} in ${name}`));
  expect(found).toEqual([]);
  expect([...files.values()].join('')).not.toContain('canary-label-9f3c1b');
});

test('names are hidden on request, the same name the same way in every file', async () => {
  const files = await bundle('?names=false');
  const text = [...files.values()].join('\n');
  // Each with a character that no id has, or one might hold it by chance.
  for (const name of ['sales-bot', 'acme-models', 'this-machine']) expect(text).not.toContain(name);
  const [{ name, message }] = JSON.parse(files.get('instances.json') ?? '[]');
  expect(name).toMatch(/^name-[0-9a-f]{8}$/);
  expect(message).toContain(name);
});

test('only owners and admins get one, and the audit says so', async () => {
  const viewer = await addStranger(world, 'viewer');
  expect((await world.call('GET /system/support-bundle', undefined, { key: viewer.key })).status).toBe(403);
  const entries = await world.rows<{ action: string }>("SELECT action FROM audit_event WHERE action = 'system.support-bundle'");
  expect(entries.length).toBeGreaterThan(0);
});

test('logs of the platform stay where other tenants work too', async () => {
  const other = await addStranger(world);
  await world.rows(
    `INSERT INTO instance (id, tenant_id, project_id, name, slug, type, version, host_id, spec, created_by, last_updated_by)
     SELECT 'ins_other', $1, $2, 'theirs', 'theirs-x', 'echo', '1', id, '{}', 'u', 'u' FROM host`,
    [other.tenantId, other.projectId],
  );
  const files = await bundle();
  expect([...files.keys()].filter((name) => name.startsWith('logs/'))).toEqual([]);
  expect(files.get('instances.json')).not.toContain('theirs');
  expect(JSON.parse(files.get('about.json') ?? '{}').leftOut).toContain('logs of the platform, because other tenants work here too');
});
