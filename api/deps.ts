import type { Client } from '@temporalio/client';
import type pg from 'pg';
import type { AdapterRegistry } from '../activities/adapters/adapter.ts';
import { createAdapterRegistry } from '../activities/adapters/registry.ts';
import { createLiteLlmClient, type LiteLlmClient } from '../activities/clients/litellm/client.ts';
import { createObjectStore, type ObjectStore } from '../activities/clients/object-store/object-store.ts';
import { createDataKeys } from '../activities/platform/data-keys.ts';
import { createFileKms } from '../activities/platform/kms.ts';
import { createLevelSwitch, type LevelSwitch } from '../activities/platform/level-switch.ts';
import type { Logger } from '../activities/platform/logger.ts';
import { createMailbox, type Mailbox } from '../activities/platform/mailbox.ts';
import { measurePools } from '../activities/platform/metrics/process-metrics.ts';
import { createOutboundGuard, type OutboundGuard } from '../activities/platform/outbound.ts';
import { createSecretBox, readKeyRing, type SecretBox } from '../activities/platform/secrets.ts';
import { createSigner } from '../activities/platform/signer.ts';
import { createTemporalClient } from '../activities/platform/temporal/connection.ts';
import { noTracing, type Tracing } from '../activities/platform/tracing/tracing.ts';
import type { AuditSeal } from '../prisma/audit-chain.ts';
import { type Database, openDatabase, openPool } from '../prisma/client.ts';
import { createClawCatalog } from './claw-types/claw-catalog.ts';
import type { ApiConfig } from './config.ts';
import { type ClawAddresses, clawAddresses } from './entry/claw-addresses.ts';
import { type Authenticator, createAuthenticator } from './http/auth.ts';
import { portalOrigins } from './http/origins.ts';
import { createPasswordHashing } from './http/password-hashing.ts';
import { createPasswordRules, type PasswordRules } from './http/password-rules.ts';
import { createRouteKit, type RouteKit } from './http/route.ts';
import { createSecurityMail } from './http/security-mail.ts';
import { createSessions, type Sessions } from './http/session.ts';
import { createSignInWaits, type SignInWaits } from './http/sign-in-waits.ts';
import { createModelGateway, type ModelGateway } from './models/gateway.ts';
import { createOperationWaiter, type OperationWaiter } from './operations/operation-waiter.ts';
import { type ChatSessions, createChatSessions } from './realtime/chat-session.ts';
import { listenToOutbox, type Wakeups } from './relay/wakeups.ts';
import { type ApiMetrics, createApiMetrics } from './telemetry/api-metrics.ts';

/** What the API is made of, besides what hangs on its HTTP server. */
export interface ApiDeps {
  readonly config: ApiConfig;
  readonly logger: Logger;
  /** How much `logger` says. */
  readonly levels: LevelSwitch;
  readonly database: Database;
  /** Role clawloops_system: relay, bridges, health. */
  readonly systemPool: pg.Pool;
  readonly secrets: SecretBox;
  /** Signs the chains of the audit. */
  readonly auditSeal: AuditSeal;
  readonly mailbox: Mailbox;
  readonly temporal: Client;
  readonly registry: AdapterRegistry;
  readonly catalog: ReturnType<typeof createClawCatalog>;
  readonly sessions: Sessions;
  readonly waits: SignInWaits;
  readonly passwords: PasswordRules;
  readonly onSecurityChange: ReturnType<typeof createSecurityMail>;
  /** Sessions that may make the first account. */
  readonly founders: Sessions;
  readonly authenticator: Authenticator;
  /** Where the pages of claws are; null when this installation has no place for them. */
  readonly addresses: ClawAddresses | null;
  readonly kit: RouteKit;
  readonly wakeups: Wakeups;
  readonly waiter: OperationWaiter;
  readonly liteLlm: LiteLlmClient;
  /** Where model providers may be. */
  readonly outbound: OutboundGuard;
  readonly objectStore: ObjectStore;
  readonly models: ModelGateway;
  readonly chats: ChatSessions;
  readonly metrics: ApiMetrics;
  readonly tracing: Tracing;
  close(): Promise<void>;
}

const DRAIN_MS = 2000;

/** Builds everything from the configuration; connects to nothing that need not be there yet. */
export function createDeps(config: ApiConfig, logger: Logger, tracing: Tracing = noTracing, levels = createLevelSwitch(config.LOG_LEVEL)): ApiDeps {
  const lostConnection = (error: Error) => logger.warn({ reason: error.message }, 'a database connection was lost');
  const database = openDatabase({ url: config.DATABASE_URL, maxConnections: 20, onError: lostConnection });
  const systemPool = openPool({ url: config.DATABASE_URL_SYSTEM, maxConnections: 10, onError: lostConnection });
  const keyRing = readKeyRing(config.CLAWLOOPS_KEY_FILE);
  const keys = createDataKeys({
    ring: keyRing,
    kms: createFileKms(keyRing),
    pool: systemPool,
    onError: (error) => logger.warn({ reason: error.message }, 'the newest key is not known'),
  });
  const secrets = createSecretBox(keys);
  const mailbox = createMailbox(secrets, Boolean(config.MAIL_FROM));
  const temporal = createTemporalClient({ address: config.TEMPORAL_ADDRESS, namespace: config.TEMPORAL_NAMESPACE, keyRing: keys });
  const registry = createAdapterRegistry();
  const origins = portalOrigins(config.PUBLIC_URL);
  const passwords = createPasswordRules({ rangeUrl: config.PASSWORD_RANGE_URL || null, logger });
  const onSecurityChange = createSecurityMail({ database, mailbox, logger });
  // One for both: the cores that it leaves alone are the same.
  const hashing = createPasswordHashing();
  const sessionOptions = { database, secret: config.AUTH_SECRET, publicUrl: config.PUBLIC_URL, origins, logger, passwords, hashing, onSecurityChange };
  const sessions = createSessions(sessionOptions);
  const wakeups = listenToOutbox({ url: config.DATABASE_URL_SYSTEM, logger });
  const outbound = createOutboundGuard({ allow: config.OUTBOUND_ALLOW });
  const liteLlm = createLiteLlmClient({ url: config.LITELLM_URL, masterKey: config.LITELLM_MASTER_KEY, outbound });
  const metrics = createApiMetrics();
  measurePools(metrics.registry, { app: database.pool, system: systemPool });
  const models = createModelGateway({ database, secrets, liteLlm, logger, onCall: metrics.modelCall });
  const waiter = createOperationWaiter({ pool: systemPool, wakeups });
  return {
    config,
    logger,
    levels,
    database,
    systemPool,
    secrets,
    auditSeal: createSigner(keys, 'audit'),
    mailbox,
    temporal,
    registry,
    catalog: createClawCatalog(registry),
    sessions,
    waits: createSignInWaits(database.pool),
    passwords,
    onSecurityChange,
    founders: createSessions({ ...sessionOptions, allowSignUp: true }),
    authenticator: createAuthenticator({ database, sessions, origins }),
    addresses: clawAddresses({ publicUrl: config.PUBLIC_URL, clawsUrl: config.CLAWS_URL }),
    kit: createRouteKit({ database, secrets, logger }),
    wakeups,
    waiter,
    liteLlm,
    outbound,
    objectStore: createObjectStore({
      endpoint: config.S3_ENDPOINT,
      accessKey: config.S3_ACCESS_KEY,
      secretKey: config.S3_SECRET_KEY,
      bucket: config.S3_BUCKET,
    }),
    models,
    chats: createChatSessions(),
    metrics,
    tracing,
    close: async () => {
      await wakeups.close();
      await models.drain(DRAIN_MS).catch((error: Error) => logger.warn({ reason: error.message }, 'the usage of some model calls was not written'));
      liteLlm.close();
      await temporal.connection.close().catch(() => undefined);
      await Promise.all([database.close(), systemPool.end()]);
      await tracing.close();
    },
  };
}
