import { Failure } from '../../workflows/contracts/failures.ts';
import type { ClawSecret } from '../adapters/adapter.ts';
import { secretContext } from '../platform/secrets.ts';
import type { InstanceDeps } from './ports.ts';

const STORED = 'stored:';

/** Name of the stored secret that a claw is to be given, or null when it is another one. */
export function storedName(secret: ClawSecret): string | null {
  return secret.startsWith(STORED) ? secret.slice(STORED.length) : null;
}

/** The value of a stored secret. Throws INVALID_CONFIG when it is gone. */
export async function openStored({ database, secrets }: Pick<InstanceDeps, 'database' | 'secrets'>, tenantId: string, name: string): Promise<string> {
  const { rows } = await database.withTenantSql(tenantId, (sql) => sql.query<{ sealed: string }>('SELECT sealed FROM config_secret WHERE name = $1', [name]));
  if (!rows[0])
    throw new Failure('INVALID_CONFIG', `There is no stored secret ${name}, which the settings name.`, {
      errors: [{ path: '/spec/config', message: `there is no stored secret ${name}` }],
      nextStep: `Store it with PUT /config-secrets/${name}, then retry.`,
    });
  return secrets.open(rows[0].sealed, secretContext(tenantId, name));
}
