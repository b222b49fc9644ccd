import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../deploy/local/testing/database.ts';
import { type Database, openDatabase } from '../../prisma/client.ts';
import { createModelKeyCheck, KEY_CACHE_MS } from './model-key.ts';
import { addTenant, asOwner, type TestTenant } from './testing/tenant-data.ts';

let testDb: TestDatabase;
let database: Database;
let tenant: TestTenant;

beforeAll(async () => {
  testDb = await testDatabase();
  database = openDatabase({ url: testDb.appUrl });
  tenant = await addTenant(testDb.ownerUrl);
});

afterAll(async () => {
  await database?.close();
  await testDb?.drop();
});

describe('a model key', () => {
  it('says whose it is', async () => {
    const { tenantId, projectId, instanceId } = tenant;
    expect(await createModelKeyCheck(database.pool)(`Bearer ${tenant.modelKey}`)).toMatchObject({ tenantId, projectId, instanceId });
  });

  it('that was revoked is refused two seconds later at the latest', async () => {
    const clock = { now: 0 };
    const check = createModelKeyCheck(database.pool, { now: () => clock.now });
    await check(`Bearer ${tenant.modelKey}`);
    await asOwner(testDb.ownerUrl, (sql) => sql.query("UPDATE model_key SET state = 'revoked' WHERE instance_id = $1", [tenant.instanceId]));
    clock.now = KEY_CACHE_MS;
    expect(KEY_CACHE_MS).toBeLessThanOrEqual(2_000);
    await expect(check(`Bearer ${tenant.modelKey}`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is believed with its own secret only, also while it is remembered', async () => {
    const other = await addTenant(testDb.ownerUrl);
    const check = createModelKeyCheck(database.pool);
    await check(`Bearer ${other.modelKey}`);
    const id = other.modelKey.slice(0, 24);
    await expect(check(`Bearer ${id}_${tenant.modelKey.slice(-43)}`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer clk_',
    'Basic dXNlcjpwYXNz',
    `Bearer clp_0123456789abcdefghjk_${'x'.repeat(43)}`,
    `Bearer clk_0123456789abcdefghjk_${"'; DROP TABLE model_key; --".repeat(2)}`,
  ])('is not %j', async (authorization) => {
    await expect(createModelKeyCheck(database.pool)(authorization)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
