import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type DatabaseUrls, databaseName } from './urls.ts';

const roles = ['owner', 'app', 'system'] as const;

/** Connects once the server takes queries: it accepts connections a moment before that. */
async function connect(url: string): Promise<pg.Client> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return client;
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code === '28P01')
        throw new Error(
          'PostgreSQL refuses the password in secrets.json: the file does not belong to this data. Put the right one back, or start anew with "npm run up -- --reset".',
        );
      if (code !== '57P03' || attempt > 600) throw error;
      await sleep(100);
    }
  }
}

/**
 * Makes the three roles (none may bypass row-level security) and the database, as the superuser. Repeatable: sets the
 * passwords again, so that they always match secrets.json.
 */
export async function bootstrapRoles(urls: DatabaseUrls, passwords: { owner: string; app: string; system: string }): Promise<void> {
  const client = await connect(urls.superuser);
  try {
    for (const role of roles) {
      const name = client.escapeIdentifier(`clawloops_${role}`);
      const known = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [`clawloops_${role}`]);
      const verb = known.rowCount ? 'ALTER' : 'CREATE';
      await client.query(
        `${verb} ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD ${client.escapeLiteral(passwords[role])}`,
      );
    }
    const database = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName]);
    if (!database.rowCount) await client.query(`CREATE DATABASE ${client.escapeIdentifier(databaseName)} OWNER clawloops_owner`);
  } finally {
    await client.end();
  }
}
