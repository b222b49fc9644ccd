import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import pino from 'pino';
import { Server } from 'socket.io';
import { createBridgeGateway } from '../../api/bridge/gateway.ts';
import { handleInternalUpgrade, internalRoutes } from '../../api/bridge/internal-routes.ts';
import { listenOnLoopback } from '../../deploy/local/testing/loopback.ts';
import { openPool } from '../../prisma/client.ts';
import { BRIDGE_SOCKET_PATH } from '../../workflows/contracts/bridge-protocol.ts';
import { newSecret, secretHash } from '../platform/ids.ts';
import { createSecretBox, type KeyRing } from '../platform/secrets.ts';
import type { TestRows } from './rows.ts';

/** A real host: the gateway of the bridges on a server of its own, and a real bridge process under it. */
export interface HostWorld {
  readonly apiUrl: string;
  readonly serviceToken: string;
  readonly dataDir: string;
  /** Folder of one claw on the host. */
  clawFolder(slug: string): string;
  startBridge(): Promise<void>;
  /** Ends the bridge and every claw of it. */
  close(): Promise<void>;
}

/** `routes` are mounted on the same server, e.g. a model gateway. */
export async function hostWorld({
  rows,
  systemUrl,
  keyRing,
}: {
  readonly rows: TestRows;
  readonly systemUrl: string;
  readonly keyRing: KeyRing;
}): Promise<HostWorld> {
  const root = mkdtempSync(path.join(tmpdir(), 'clawloops-host-'));
  chmodSync(root, 0o711);
  const [dataDir, runtimesDir, tokenFile] = [path.join(root, 'claws'), path.join(root, 'runtimes'), path.join(root, 'token')];
  for (const folder of [dataDir, runtimesDir]) mkdirSync(folder);
  const token = newSecret();
  writeFileSync(tokenFile, token, { mode: 0o600 });
  await rows.all('UPDATE host SET token_hash = $2, connected = false, info = NULL WHERE id = $1', [rows.hostId, secretHash(token)]);
  const systemPool = openPool({ url: systemUrl });
  const app = express();
  const server = createServer(app);
  const io = new Server(server, { path: BRIDGE_SOCKET_PATH, maxHttpBufferSize: 16 * 1024 * 1024 });
  const logger = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });
  const gateway = createBridgeGateway({ io, systemPool, secrets: createSecretBox(keyRing), logger });
  const serviceToken = randomBytes(32).toString('hex');
  app.use(internalRoutes(gateway, serviceToken));
  const upgrade = handleInternalUpgrade(gateway, serviceToken);
  server.on('upgrade', (request, socket, head) => void upgrade(request, socket, head));
  const apiUrl = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  let bridge: ChildProcess | null = null;
  return {
    apiUrl,
    serviceToken,
    dataDir,
    clawFolder: (slug) => path.join(dataDir, 'claws', slug),
    startBridge: async () => {
      const script = fileURLToPath(new URL('../../bridge/daemon.ts', import.meta.url));
      const env = {
        ...process.env,
        BRIDGE_API_URL: apiUrl,
        BRIDGE_TOKEN_FILE: tokenFile,
        BRIDGE_DATA_DIR: dataDir,
        BRIDGE_RUNTIMES_DIR: runtimesDir,
        LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'error',
      };
      bridge = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], { env, stdio: ['ignore', 'inherit', 'inherit'] });
      await untilConnected(rows);
    },
    close: async () => {
      if (bridge && bridge.exitCode === null) {
        bridge.kill('SIGINT');
        await once(bridge, 'exit');
      }
      await gateway.close();
      await new Promise<void>((resolve) => void io.close(() => resolve()));
      await systemPool.end();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function untilConnected(rows: TestRows): Promise<void> {
  for (;;) {
    const { ready } = await rows.one<{ ready: boolean }>('SELECT connected AND info IS NOT NULL AS ready FROM host WHERE id = $1', [rows.hostId]);
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
