import type { Client } from '@temporalio/client';
import type pg from 'pg';
import { type Database, openDatabase, openPool } from '../prisma/client.ts';
import { createNotifier } from '../prisma/notifier.ts';
import { createAdapterRegistry } from './adapters/registry.ts';
import { createBridgeLink } from './clients/bridge/bridge-link.ts';
import { createFleetApi } from './clients/fleet-api/fleet-api.ts';
import { createLiteLlmClient } from './clients/litellm/client.ts';
import { createSmtpClient } from './clients/smtp/smtp-client.ts';
import type { ActivityDeps } from './index.ts';
import { createDataKeys } from './platform/data-keys.ts';
import { createFileKms } from './platform/kms.ts';
import type { Logger } from './platform/logger.ts';
import { createMailbox } from './platform/mailbox.ts';
import { createOutboundGuard } from './platform/outbound.ts';
import { createSecretBox, type KeyRing, type Keys } from './platform/secrets.ts';
import { createSigner } from './platform/signer.ts';
import { createTemporalClient } from './platform/temporal/connection.ts';
import { createHostDriver } from './runtime/host/host-driver.ts';
import type { WorkerConfig } from './worker-config.ts';

/** What the worker process holds open; `close` after its workers have ended. */
export interface WorkerDeps extends ActivityDeps {
  readonly database: Database;
  readonly systemPool: pg.Pool;
  readonly temporalClient: Client;
  readonly keys: Keys;
  close(): Promise<void>;
}

/** Composition root of the worker: every client of an outside system is made here and nowhere else. */
export function createWorkerDeps(config: WorkerConfig, keyRing: KeyRing, logger: Logger): WorkerDeps {
  const onError = (error: Error) => logger.warn({ code: (error as NodeJS.ErrnoException).code }, 'lost a connection to the database');
  const database = openDatabase({ url: config.DATABASE_URL, maxConnections: 15, onError });
  const systemPool = openPool({ url: config.DATABASE_URL_SYSTEM, maxConnections: 5, onError });
  const kms = createFileKms(keyRing);
  const keys = createDataKeys({
    ring: keyRing,
    kms,
    pool: systemPool,
    onError: (error) => logger.warn({ reason: error.message }, 'the newest key is not known'),
  });
  const secrets = createSecretBox(keys);
  const temporalClient = createTemporalClient({ address: config.TEMPORAL_ADDRESS, namespace: config.TEMPORAL_NAMESPACE, keyRing: keys });
  const outbound = createOutboundGuard({ allow: config.OUTBOUND_ALLOW });
  const liteLlm = createLiteLlmClient({ url: config.LITELLM_URL, masterKey: config.LITELLM_MASTER_KEY, outbound });
  const smtp = config.SMTP_URL && config.MAIL_FROM ? createSmtpClient({ url: config.SMTP_URL, from: config.MAIL_FROM }) : null;
  const link = createBridgeLink({ apiUrl: config.API_URL, serviceToken: config.SERVICE_TOKEN });
  return {
    database,
    systemPool,
    systemUrl: config.DATABASE_URL_SYSTEM,
    temporalClient,
    liteLlm,
    outbound,
    fleetApi: createFleetApi({ apiUrl: config.API_URL, serviceToken: config.SERVICE_TOKEN }),
    driver: createHostDriver({ database, secrets, link }),
    registry: createAdapterRegistry(),
    keys,
    kms,
    secrets,
    auditSeal: createSigner(keys, 'audit'),
    smtp,
    notifier: createNotifier({ mailbox: createMailbox(secrets, Boolean(config.MAIL_FROM)), publicUrl: config.PUBLIC_URL ?? config.API_URL }),
    logger,
    metricsKeep: config.METRICS_KEEP,
    modelGatewayUrl: `${config.API_URL}/v1`,
    close: async () => {
      liteLlm.close();
      smtp?.close();
      await temporalClient.connection.close();
      await systemPool.end();
      await database.close();
    },
  };
}
