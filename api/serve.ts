import { createServer, type Server as HttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Server } from 'socket.io';
import { type MetricsServer, serveMetrics } from '../activities/platform/metrics/serve-metrics.ts';
import type { RuntimeDriver } from '../activities/runtime/driver.ts';
import { createHostDriver } from '../activities/runtime/host/host-driver.ts';
import { sparingDial } from '../activities/runtime/sparing-dial.ts';
import { BRIDGE_NAMESPACE } from '../workflows/contracts/bridge-protocol.ts';
import { EventType } from '../workflows/contracts/events.ts';
import { Failure } from '../workflows/contracts/failures.ts';
import { createApp } from './app.ts';
import { keepAuditShort } from './audit/audit-retention.ts';
import { createBridgeGateway } from './bridge/gateway.ts';
import { handleInternalUpgrade } from './bridge/internal-routes.ts';
import type { ApiDeps } from './deps.ts';
import { frontByHost } from './entry/by-host.ts';
import { type ClawEntry, createClawEntry } from './entry/claw-entry.ts';
import { createEntryGuard } from './entry/entry-guard.ts';
import { keepEventsShort } from './events/event-retention.ts';
import { Action } from './http/authorize.ts';
import { portalOrigins } from './http/origins.ts';
import { instancePolicy } from './instances/instance.policy.ts';
import { keepLogsShort } from './logs/log-retention.ts';
import { chatRoute } from './realtime/chat-route.ts';
import { fanOut } from './realtime/fan-out.ts';
import { createRealtimeGateway } from './realtime/gateway.ts';
import { logRoute } from './realtime/log-route.ts';
import { metricRoute } from './realtime/metric-route.ts';
import { watchRights } from './realtime/rights-watch.ts';
import { limitStrangers, STRANGER_MS } from './realtime/strangers.ts';
import { createStreamSockets, refuseUpgrade } from './realtime/stream-sockets.ts';
import { deliverCommand, noteDelivery } from './relay/deliver-command.ts';
import { createObserverStarter } from './relay/ensure-observer.ts';
import { startRelay } from './relay/start-relay.ts';
import { startPresence } from './system/presence.ts';
import { measureFleet } from './telemetry/fleet-metrics.ts';

/** A running API. */
export interface RunningApi {
  readonly url: string;
  readonly port: number;
  /** Where Prometheus reads, when that is configured. */
  readonly metricsUrl: string | null;
  /** Stops accepting, lets requests finish for a few seconds, tells sockets why they end, and closes everything. */
  close(): Promise<void>;
}

const REALTIME_PATH = '/realtime';
const BRIDGE_MESSAGE_BYTES = 16 * 1024 * 1024;
const FINISH_MS = 3000;

/** Puts everything that hangs on the HTTP server together and listens. */
export async function serveApi(deps: ApiDeps): Promise<RunningApi> {
  const { config, logger, database, systemPool, secrets, authenticator } = deps;
  let accepting = true;
  let app: RequestListener = (_request, response) => void response.writeHead(503).end();
  // Before socket.io, which takes its own requests away from the listeners that it finds.
  const server = createServer((request, response) => app(request, response));
  const connections = trackConnections(server);
  const io = new Server(server, {
    path: REALTIME_PATH,
    serveClient: false,
    maxHttpBufferSize: BRIDGE_MESSAGE_BYTES,
    connectTimeout: STRANGER_MS,
    destroyUpgrade: false,
  });
  limitStrangers(server, io, REALTIME_PATH);
  const otherProcesses = fanOut(io, { url: config.DATABASE_URL_SYSTEM, logger });
  const link = createBridgeGateway({ io, systemPool, secrets, logger });
  const host = createHostDriver({ database, secrets, link });
  const driver = { ...host, dial: sparingDial(host) };
  const realtime = createRealtimeGateway({ io, authenticator, database, logger });
  const observe = createObserverStarter(deps.temporal, logger);
  const relay = startRelay({
    systemUrl: config.DATABASE_URL_SYSTEM,
    systemPool,
    wakeups: deps.wakeups,
    logger,
    targets: {
      deliver: async (command) => {
        await deliverCommand(deps.temporal, deps.tracing, command);
        noteDelivery(logger, command);
      },
      publish: (events) => {
        realtime.publish(events);
        for (const { payload, key } of events) if (payload.type === EventType.hostUpdated) observe(key);
      },
    },
  });
  const streams = createStreamSockets({
    authenticator,
    database,
    logger,
    routes: [
      chatRoute({
        database,
        driver,
        logger,
        sessions: deps.chats,
        callsSettled: deps.models.settled,
        adapterOf: (tenantId, type) => database.withTenantSql(tenantId, (sql) => deps.catalog.find(sql, type)),
        right: { action: Action.use, policy: instancePolicy },
      }),
      logRoute({ database, driver, logger, right: { action: Action.read, policy: instancePolicy } }),
      metricRoute({ database, logger, right: { action: Action.read, policy: instancePolicy } }),
    ],
  });
  const rights = watchRights({
    url: config.DATABASE_URL_SYSTEM,
    logger,
    onChanged: (id) => {
      realtime.recheck(id);
      streams.recheck(id);
    },
  });
  const upgrades = [handleInternalUpgrade(link, config.SERVICE_TOKEN), streams.handle];
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Without a listener a connection that is cut off would end the process.
    socket.on('error', () => undefined);
    // Exactly what socket.io takes for its own.
    if (request.url?.startsWith(`${REALTIME_PATH}/`)) return;
    if (!upgrades.some((handle) => handle(request, socket, head))) refuseUpgrade(request, socket, new Failure('NOT_FOUND', 'There is no such path.'), logger);
  });
  const presence = startPresence({ systemUrl: config.DATABASE_URL_SYSTEM, systemPool, levels: deps.levels, logger, toBridges: link.logLevel });
  const entry = openEntry(deps, driver);
  if (deps.addresses && entry) frontByHost(server, deps.addresses, entry);
  app = createApp(deps, { link, driver, entry, presence, relayLag: relay.lag, accepting: () => accepting });
  const retention = keepEventsShort({ systemPool, keepDays: config.EVENT_RETENTION_DAYS, logger });
  const auditRetention = keepAuditShort({ systemPool, seal: deps.auditSeal, keepDays: config.AUDIT_RETENTION_DAYS, logger });
  const archive = keepLogsShort({ ...deps, keepDays: config.LOG_RETENTION_DAYS, keepBytes: config.LOG_RETENTION_BYTES });
  const bucket = makeBucket(deps);
  measureFleet({
    registry: deps.metrics.registry,
    systemPool,
    relayLag: relay.lag,
    isLeading: () => relay.leading,
    sockets: () => ({ bridges: io.of(BRIDGE_NAMESPACE).sockets.size, portal: io.of('/').sockets.size, streams: streams.open }),
    logger,
  });
  const numbers = await showNumbers(deps);
  const port = await listen(server, config.API_PORT, config.API_HOST);

  return {
    url: `http://${config.API_HOST.includes(':') ? `[${config.API_HOST}]` : config.API_HOST}:${port}`,
    port,
    metricsUrl: numbers?.url ?? null,
    close: once(async () => {
      accepting = false;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await numbers?.close();
      bucket.stop();
      retention.close();
      auditRetention.close();
      archive.close();
      deps.waiter.releaseAll();
      streams.close();
      entry?.close();
      realtime.close();
      await link.close();
      io.disconnectSockets(true);
      server.closeIdleConnections();
      const impatience = setTimeout(() => connections.destroyAll(), FINISH_MS);
      await closed;
      clearTimeout(impatience);
      deps.chats.stopAll();
      await io.close().catch(() => undefined);
      await relay.close();
      await presence.close();
      await rights.close();
      await deps.close();
      await otherProcesses.close();
    }),
  };
}

/** The pages of claws, where there are addresses for them. */
function openEntry({ config, addresses, database, catalog, registry, logger }: ApiDeps, driver: RuntimeDriver): ClawEntry | null {
  if (!addresses) return null;
  const customAdapter = (tenantId: string, type: string) => database.withTenantSql(tenantId, (sql) => catalog.find(sql, type));
  const guard = createEntryGuard({ database, driver, registry, customAdapter, right: { action: Action.use, policy: instancePolicy } });
  return createClawEntry({ addresses, guard, database, driver, publicUrl: config.PUBLIC_URL, portalOrigins: portalOrigins(config.PUBLIC_URL), logger });
}

function showNumbers({ config, metrics, logger }: ApiDeps): Promise<MetricsServer> | null {
  const { METRICS_HOST: host, METRICS_PORT: port } = config;
  return port === undefined ? null : serveMetrics(metrics.registry, { host, port, logger });
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= work();
    return done;
  };
}

/** Upgraded connections too, which the server itself no longer knows. */
function trackConnections(server: HttpServer): { destroyAll(): void } {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return {
    destroyAll: () => {
      for (const socket of open) socket.destroy();
    },
  };
}

function listen(server: HttpServer, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

const BUCKET_RETRY_MS = 5000;

/** The bucket is made as soon as the object store is there; nothing waits for it. */
function makeBucket({ objectStore, logger }: Pick<ApiDeps, 'objectStore' | 'logger'>): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const attempt = () => {
    objectStore.ensureBucket().catch((error: Error) => {
      logger.warn({ reason: error.message }, 'the bucket cannot be made yet');
      if (!stopped) timer = setTimeout(attempt, BUCKET_RETRY_MS);
    });
  };
  attempt();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
