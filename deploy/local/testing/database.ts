import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { templateDatabase, withDatabase } from './services.ts';

/** A migrated, empty database of its own for one test file. */
export interface TestDatabase {
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly systemUrl: string;
  /** Removes it, closing whatever is still connected. */
  drop(): Promise<void>;
}

async function asSuperuser(statement: (client: pg.Client) => string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('services').superuserUrl });
  await client.connect();
  try {
    await client.query(statement(client));
  } finally {
    await client.end();
  }
}

/** Copies the migrated template; takes about 100 ms. For suites that run with the `services` set-up. */
export async function testDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const services = inject('services');
  await asSuperuser((client) => `CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE ${templateDatabase} OWNER clawloops_owner`);
  return {
    ownerUrl: withDatabase(services.ownerUrl, name),
    appUrl: withDatabase(services.appUrl, name),
    systemUrl: withDatabase(services.systemUrl, name),
    drop: () => asSuperuser((client) => `DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`),
  };
}

/** Address of the run's real Temporal server; its namespace is `default` and has our search attributes. */
export function temporalAddress(): string {
  return inject('services').temporalAddress;
}
