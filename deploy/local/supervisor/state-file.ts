import { join } from 'node:path';
import { readJson, writeJson } from './json-file.ts';
import type { PartState } from './managed-process.ts';
import { isAlive, type ProcessIdentity, signalGroup, signalProcess, waitUntilGone } from './process-identity.ts';

/** What is written down about one part. */
export interface PartRecord {
  readonly name: string;
  readonly state: PartState;
  readonly identity: ProcessIdentity | null;
  readonly port: number | null;
  readonly version: string | null;
  readonly source: string | null;
  readonly restarts: number;
  readonly logFile: string;
  readonly stopSignal: NodeJS.Signals;
}

/** What `npm run status` and the next `npm run up` read about a platform. Holds no secret. */
export interface PlatformState {
  readonly supervisor: ProcessIdentity | null;
  readonly ready: boolean;
  readonly url: string | null;
  readonly temporalUi: string | null;
  /** Where Prometheus can read; absent in the record of an older version. */
  readonly metrics?: readonly string[];
  readonly parts: readonly PartRecord[];
}

const stateFile = (dataDir: string) => join(dataDir, 'state.json');

/** Reads what the last supervisor wrote down; null when there was none. */
export function readState(dataDir: string): PlatformState | null {
  return readJson<PlatformState>(stateFile(dataDir));
}

/** Replaces the record; synchronous, so that a process is known before anything else happens. */
export function writeState(dataDir: string, state: PlatformState): void {
  writeJson(stateFile(dataDir), state);
}

/** Parts that still live although their supervisor is gone. */
export function findOrphans(state: PlatformState | null): PartRecord[] {
  if (!state || (state.supervisor && isAlive(state.supervisor))) return [];
  return state.parts.filter((part) => part.identity !== null && isAlive(part.identity));
}

/** Users of a service before the service; parts of one row stop together. */
const stopOrder: readonly (readonly string[])[] = [['bridge'], ['api', 'worker']];

/**
 * Stops the leftovers of a killed supervisor. Bridges get `bridgeSignal`: SIGTERM lets claws live on for the next bridge,
 * SIGINT stops them too. What has not ended after `budgetMs` is ended by force.
 */
export async function stopOrphans(orphans: readonly PartRecord[], bridgeSignal: NodeJS.Signals, budgetMs = 10_000): Promise<void> {
  const early = stopOrder.map((names) => orphans.filter((part) => names.includes(part.name)));
  const late = orphans.filter((part) => !stopOrder.flat().includes(part.name));
  for (const tier of [...early, late]) {
    await Promise.all(tier.map((part) => stopOrphan(part, part.name === 'bridge' ? bridgeSignal : part.stopSignal, budgetMs)));
  }
}

async function stopOrphan({ identity }: PartRecord, signal: NodeJS.Signals, budgetMs: number): Promise<void> {
  if (!identity) return;
  signalProcess(identity.pid, signal);
  signalProcess(identity.pid, 'SIGCONT');
  if (!(await waitUntilGone(identity, budgetMs))) {
    signalGroup(identity.pid, 'SIGKILL');
    await waitUntilGone(identity, 5_000);
  }
  signalGroup(identity.pid, 'SIGKILL');
}
