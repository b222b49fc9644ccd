import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheRoot } from '../tools/cache.ts';
import { readElsewhere } from './homes.ts';
import { PartState } from './managed-process.ts';
import { findOrphans, readState, stopOrphans, writeState } from './state-file.ts';

const bridgeScript = fileURLToPath(new URL('../../../bridge/daemon.ts', import.meta.url));
const unreachable = 'http://127.0.0.1:9';

/**
 * Stops what a killed supervisor left: its parts and every claw. Without a living bridge that could stop the claws, one is
 * started just for that: it adopts them from its own notes and needs no API. Returns whether there was anything to stop.
 * The caller holds the data lock.
 */
export async function stopLeftovers(dataDir: string): Promise<boolean> {
  const state = readState(dataDir);
  const orphans = findOrphans(state);
  const hadBridge = state?.parts.some((part) => part.name === 'bridge' && part.state !== PartState.Stopped) ?? false;
  await stopOrphans(orphans, 'SIGINT');
  const clawsDir = join(readElsewhere(dataDir) ?? dataDir, 'claws');
  const mayHaveClaws = hadBridge && !orphans.some((part) => part.name === 'bridge') && hasNotes(clawsDir);
  if (mayHaveClaws) await haltClaws(dataDir, clawsDir);
  if (state)
    writeState(dataDir, {
      ...state,
      supervisor: null,
      ready: false,
      parts: state.parts.map((part) => ({ ...part, identity: null, state: PartState.Stopped })),
    });
  return orphans.length > 0 || mayHaveClaws;
}

function hasNotes(clawsDir: string): boolean {
  const folder = join(clawsDir, 'state');
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.json'));
}

async function haltClaws(dataDir: string, clawsDir: string): Promise<void> {
  const bridge = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', bridgeScript], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      ...process.env,
      BRIDGE_API_URL: unreachable,
      BRIDGE_TOKEN_FILE: join(dataDir, 'host-token'),
      BRIDGE_DATA_DIR: clawsDir,
      BRIDGE_RUNTIMES_DIR: join(cacheRoot(), 'runtimes'),
      LOG_LEVEL: 'info',
    },
  });
  const ended = new Promise<void>((resolve) => bridge.once('exit', () => resolve()));
  let output = '';
  bridge.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    // It tells that it started, then that no API answers: from that second line on it takes signals.
    if (output.split('\n').length > 2) bridge.kill('SIGINT');
  });
  await ended;
}
