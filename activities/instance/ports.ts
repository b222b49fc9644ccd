import type pg from 'pg';
import type { Database } from '../../prisma/client.ts';
import type { AdapterRegistry } from '../adapters/adapter.ts';
import type { Logger } from '../platform/logger.ts';
import type { SecretBox } from '../platform/secrets.ts';
import type { RuntimeDriver } from '../runtime/driver.ts';

/** What the activities of instances need from the process. */
export interface InstanceDeps {
  readonly database: Database;
  /** Pool of the system role: only for numbers of hosts that belong to no tenant. */
  readonly systemPool: pg.Pool;
  readonly driver: RuntimeDriver;
  readonly registry: AdapterRegistry;
  readonly secrets: SecretBox;
  readonly logger: Logger;
  /** Base URL of the model gateway as claws and this process reach it, ending in `/v1`. */
  readonly modelGatewayUrl: string;
}
