import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, temporalAddress, testDatabase } from './database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database.drop());

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('every test file gets a migrated database of its own', async () => {
  const other = await testDatabase();
  try {
    expect(await query(other.ownerUrl, 'SELECT current_database() AS name')).not.toEqual(await query(database.ownerUrl, 'SELECT current_database() AS name'));
    expect(await query(database.ownerUrl, "SELECT 1 AS found FROM information_schema.tables WHERE table_name = 'instance'")).toHaveLength(1);
  } finally {
    await other.drop();
  }
});

test('no role of the product is a superuser or may bypass row-level security', async () => {
  const roles = await query(
    database.ownerUrl,
    "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname LIKE 'clawloops\\_%' ORDER BY rolname",
  );
  expect(roles.map((role) => role.rolname)).toEqual(['clawloops_app', 'clawloops_owner', 'clawloops_system']);
  for (const role of roles) expect(role).toMatchObject({ rolsuper: false, rolbypassrls: false, rolcreatedb: false, rolcreaterole: false });
});

test('the Temporal server of the run answers and knows our search attributes', async () => {
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address: temporalAddress() });
  try {
    const answer = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    expect(Object.keys(answer.customAttributes ?? {})).toContain('ClawInstance');
  } finally {
    await connection.close();
  }
});
