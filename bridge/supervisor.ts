import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { BridgeClaw, DesiredDelta } from '../workflows/contracts/bridge-protocol.ts';
import type { Workload } from '../workflows/contracts/workload.ts';
import { type Claw, type ClawDeps, createClaw } from './claw/claw.ts';
import { type ClawState, newClaw, type RunningProcess } from './claw/state.ts';
import { readJsonFile, writeJsonFile } from './files/json-file.ts';
import type { Log } from './log.ts';

/** The claws of this host: the desired set, kept on disk, and one supervision each. */
export interface Supervisor {
  /** Takes up what a former daemon left: adopts what runs, notes what ended. */
  start(): void;
  /** What the control plane wants. `resync`: it repeats everything after a connection, so what is known already is left in peace. */
  apply(delta: DesiredDelta, resync: boolean): void;
  /** instanceId -> generation on disk. */
  generations(): Readonly<Record<string, number>>;
  /** Every claw by what it has on this machine. */
  claws(): readonly BridgeClaw[];
  workload(instanceId: string): Workload | null;
  isRunning(instanceId: string): boolean;
  /** The claws that have a process now. */
  running(): readonly RunningClaw[];
  /** Whether another claw than this one may run in its slot. */
  isSlotShared(workload: Workload): boolean;
  /** Drops a claw whose end the control plane has noted. */
  settle(instanceId: string, generation: number): void;
  /** Leaves every process as it is. */
  detach(): void;
  /** Ends every process; they start again with the next daemon. */
  haltAll(graceMilliseconds: number): Promise<void>;
}

/** A claw with its process. */
export interface RunningClaw {
  readonly workload: Workload;
  readonly process: RunningProcess;
  readonly restarts: number;
}

const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
const SIGNAL = /^SIG[A-Z0-9]{2,8}$/;

export function stateDir(dataDir: string): string {
  return path.join(dataDir, 'state');
}

export function createSupervisor({ dataDir, log, ...deps }: { dataDir: string; log: Log } & Omit<ClawDeps, 'save' | 'log'>): Supervisor {
  const folder = stateDir(dataDir);
  const claws = new Map<string, Claw>();
  const fileOf = (instanceId: string): string => path.join(folder, `${instanceId}.json`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });

  const supervise = (state: ClawState): Claw => {
    const claw = createClaw(state, { ...deps, log, save: (next) => writeJsonFile(fileOf(next.workload.instanceId), next) });
    claws.set(state.workload.instanceId, claw);
    return claw;
  };

  const upsert = (workload: Workload, resync: boolean): void => {
    if (!SLUG.test(workload.slug) || !SIGNAL.test(workload.stop.signal) || !/^[a-z0-9_]+$/.test(workload.instanceId)) {
      log.error({ instanceId: workload.instanceId }, 'a workload with an unusable name was left out');
      return;
    }
    const known = claws.get(workload.instanceId);
    if (!known) supervise(newClaw(workload)).start();
    else if (!resync || !isSame(known.state.workload, workload)) known.desire(workload);
  };

  return {
    start: () => {
      for (const state of readStates(folder)) supervise(state);
      for (const claw of claws.values()) claw.start();
    },
    apply: (delta, resync) => {
      for (const workload of delta.upsert) upsert(workload, resync);
      for (const instanceId of delta.remove) {
        const claw = claws.get(instanceId);
        if (!claw) continue;
        log.info({ instanceId }, 'the control plane does not know this claw; it is ended and its data kept');
        claw.desire({
          ...claw.state.workload,
          desired: 'removed',
          retention: claw.state.workload.desired === 'removed' ? claw.state.workload.retention : 'retain',
        });
      }
    },
    generations: () => Object.fromEntries([...claws].map(([id, claw]) => [id, claw.state.workload.generation])),
    claws: () =>
      [...claws.values()].map(({ state: { workload } }) => {
        const { instanceId, tenantId, slug, slot } = workload;
        return { instanceId, tenantId, slug, slot };
      }),
    workload: (instanceId) => claws.get(instanceId)?.state.workload ?? null,
    isRunning: (instanceId) => (claws.get(instanceId)?.state.process ?? null) !== null,
    running: () => [...claws.values()].flatMap(({ state: { workload, process, restarts } }) => (process ? [{ workload, process, restarts }] : [])),
    isSlotShared: ({ instanceId, slot }) =>
      [...claws.values()].some(
        ({ state }) =>
          state.workload.slot === slot && state.workload.instanceId !== instanceId && (state.process !== null || state.workload.desired === 'running'),
      ),
    settle: (instanceId, generation) => {
      const claw = claws.get(instanceId);
      if (claw?.state.phase !== 'removed' || claw.state.workload.generation !== generation || claw.state.workload.desired !== 'removed') return;
      claw.detach();
      claws.delete(instanceId);
      rmSync(fileOf(instanceId), { force: true });
    },
    detach: () => {
      for (const claw of claws.values()) claw.detach();
    },
    haltAll: async (graceMilliseconds) => {
      const results = await Promise.allSettled([...claws.values()].map((claw) => claw.halt(graceMilliseconds)));
      for (const result of results) if (result.status === 'rejected') log.error({ err: result.reason as Error }, 'a claw could not be ended');
    },
  };
}

/** Key order does not matter: the wish travels through a database that sorts keys. */
function isSame(a: unknown, b: unknown): boolean {
  return sorted(a) === sorted(b);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

function readStates(folder: string): ClawState[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .map((name) => readJsonFile<ClawState>(path.join(folder, name)))
    .filter((state) => state !== null)
    .map((state) => ({ ...state, preparing: false, prepared: false, liveFailures: 0 }));
}
