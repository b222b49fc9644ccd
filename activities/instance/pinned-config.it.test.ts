import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../deploy/local/testing/database.ts';
import { type Database, openDatabase, openPool } from '../../prisma/client.ts';
import type { ConfigDocument, ConfigPin } from '../../workflows/contracts/config.ts';
import { testKeyRing } from '../../workflows/testing/entity-world.ts';
import { createAdapterRegistry } from '../adapters/registry.ts';
import { createBridgeLink } from '../clients/bridge/bridge-link.ts';
import { createSecretBox, secretContext } from '../platform/secrets.ts';
import { createHostDriver } from '../runtime/host/host-driver.ts';
import { type TestRows, testRows } from '../testing/rows.ts';
import { applyWorkload, reserveSlot } from './bring-up.ts';
import { outlineInstance } from './outline.ts';
import type { InstanceDeps } from './ports.ts';

let store: TestDatabase;
let rows: TestRows;
let database: Database;
let systemPool: ReturnType<typeof openPool>;
let deps: InstanceDeps;
const secrets = createSecretBox(testKeyRing());

beforeAll(async () => {
  store = await testDatabase();
  rows = await testRows(store.ownerUrl);
  database = openDatabase({ url: store.appUrl });
  systemPool = openPool({ url: store.systemUrl });
  // Desired state is recorded without asking the host, so no way to one is needed.
  const link = createBridgeLink({ apiUrl: 'http://127.0.0.1:9', serviceToken: 'none' });
  const driver = createHostDriver({ database, secrets, link });
  deps = {
    database,
    systemPool,
    driver,
    registry: createAdapterRegistry(),
    secrets,
    logger: pino({ level: 'silent' }),
    modelGatewayUrl: 'http://127.0.0.1/v1',
  };
});

afterAll(async () => {
  await systemPool.end();
  await database.close();
  await rows.close();
  await store.drop();
});

async function config(id: string, version: number, document: Partial<ConfigDocument>): Promise<ConfigPin> {
  const { tenantId } = rows;
  await rows.all(
    "INSERT INTO config (id, tenant_id, level, type, name, current, latest, created_by, last_updated_by) VALUES ($1, $2, 'template', 'openclaw', $1, $3, $3, 'usr', 'usr') ON CONFLICT DO NOTHING",
    [id, tenantId, version],
  );
  await rows.all("INSERT INTO config_version (config_id, version, tenant_id, state, document, created_by) VALUES ($1, $2, $3, 'published', $4, 'usr')", [
    id,
    version,
    tenantId,
    JSON.stringify({ settings: {}, locks: [], variables: [], ...document }),
  ]);
  return { config: id, version };
}

/** An instance on these versions, as far as its configuration is concerned. */
async function instanceOn(layers: readonly ConfigPin[], variables: Record<string, unknown> = {}) {
  const instanceId = await rows.instance();
  await rows.all("UPDATE instance SET spec = jsonb_set(spec, '{config}', $2) WHERE id = $1", [
    instanceId,
    JSON.stringify({ overrides: [], layers, variables }),
  ]);
  const input = { tenantId: rows.tenantId, instanceId, operationId: 'op_1', generation: 1 };
  await reserveSlot(deps, input);
  return input;
}

async function toldTo(input: { tenantId: string; instanceId: string }) {
  const ref = { tenantId: input.tenantId, hostId: rows.hostId, instanceId: input.instanceId };
  const desired = await deps.driver.desired(ref);
  return { config: JSON.parse(desired?.files.at(-1)?.content ?? 'null'), hash: desired?.filesHash, secrets: await deps.driver.secrets(ref) };
}

test('a claw is told what the versions say that its spec pins, whatever is published later', async () => {
  const pin = await config('cfg_desk', 1, {
    settings: { agent: { name: '{{vars.team}} desk' }, logging: { level: 'warn' } },
    variables: [{ name: 'team', type: 'string', required: true, secret: false, description: '' }],
  });
  const input = await instanceOn([pin], { team: 'Sales' });
  await applyWorkload(deps, { ...input, restart: false });
  const first = await toldTo(input);
  expect(first.config).toMatchObject({ agents: { entries: { main: { name: 'Sales desk' } } }, logging: { level: 'warn' } });

  await config('cfg_desk', 2, { settings: { logging: { level: 'debug' } } });
  await rows.all("UPDATE config SET current = 2, latest = 2 WHERE id = 'cfg_desk'");
  expect((await outlineInstance(deps, input)).changed).toBe(false);
  await applyWorkload(deps, { ...input, generation: 2, restart: false });
  expect((await toldTo(input)).hash).toBe(first.hash);
});

test('moving the pin changes it, and moving it back brings back the same bytes', async () => {
  const [one, two] = [
    await config('cfg_moved', 1, { settings: { logging: { level: 'warn' } } }),
    await config('cfg_moved', 2, { settings: { logging: { level: 'debug' } } }),
  ];
  const input = await instanceOn([one]);
  const hashes: (string | undefined)[] = [];
  for (const [index, pin] of [one, two, one].entries()) {
    await rows.all("UPDATE instance SET spec = jsonb_set(spec, '{config,layers}', $2) WHERE id = $1", [input.instanceId, JSON.stringify([pin])]);
    await applyWorkload(deps, { ...input, generation: index + 1, restart: false });
    hashes.push((await toldTo(input)).hash);
  }
  expect(hashes[1]).not.toBe(hashes[0]);
  expect(hashes[2]).toBe(hashes[0]);
});

test('a stored secret reaches the claw in its environment and stands in no file', async () => {
  await rows.all("INSERT INTO config_secret (tenant_id, name, sealed, created_by, last_updated_by) VALUES ($1, 'desk-bot', $2, 'usr', 'usr')", [
    rows.tenantId,
    await secrets.seal('123:hush', secretContext(rows.tenantId, 'desk-bot')),
  ]);
  const pin = await config('cfg_bot', 1, { settings: { channels: { telegram: { enabled: true, botToken: { secret: 'desk-bot' } } } } });
  const input = await instanceOn([pin]);
  await applyWorkload(deps, { ...input, restart: false });
  const { config: told, secrets: given } = await toldTo(input);
  expect(told.channels.telegram.botToken).toEqual({ source: 'env', provider: 'default', id: 'CLAWLOOPS_SECRET_DESK_BOT' });
  expect(given).toContainEqual({ name: 'CLAWLOOPS_SECRET_DESK_BOT', value: '123:hush' });
  expect(JSON.stringify(told)).not.toContain('hush');

  await rows.all("DELETE FROM config_secret WHERE name = 'desk-bot'");
  await expect(applyWorkload(deps, { ...input, generation: 2, restart: false })).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    nextStep: expect.stringContaining('config-secrets/desk-bot'),
  });
});
