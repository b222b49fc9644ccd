import { closeSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { Workload } from '../../workflows/contracts/workload.ts';
import { type ClawFolders, checkFolders, clawFolders, type Owner, prepareFolders, removeFolders } from '../files/folders.ts';
import { isPortFree } from '../host/port-range.ts';
import { type RotationRules, rotateLog } from '../logs/rotation.ts';
import type { LogSpool } from '../logs/spool.ts';
import type { Cgroups } from '../process/cgroup.ts';
import { launchKeeper, readExit } from '../process/launch.ts';
import { type ClawMarks, sendSignal, sweep } from '../process/sweep.ts';
import { isSameProcess, type ProcessTable } from '../process/table.ts';
import type { Runtimes } from '../runtime/runtimes.ts';
import { diskHash, writeClawFiles } from './claw-files.ts';
import { openLog } from './log-file.ts';
import { type ProbeTarget, probe } from './probes.ts';
import { notifyClaw } from './reload.ts';
import type { ExitStatus, RunningProcess } from './state.ts';
import { clawEnv, folderTokens, replaceTokens } from './tokens.ts';

/** What a started process is recorded as, and what the files on disk hash to. */
export interface Launched {
  readonly process: RunningProcess;
  readonly diskHash: string;
}

/** The effects of one claw on its machine. Each throws a Failure when it cannot be done. */
export interface ClawEffects {
  prepare(workload: Workload): Promise<void>;
  /** Starts the claw. `record` is called before anything of the claw runs, so that no start can be forgotten. */
  launch(workload: Workload, record: (launched: Launched) => void, onExit: () => void): Promise<void>;
  /** pid of the claw below its keeper, null while it is not there. */
  pidOf(running: RunningProcess): number | null;
  isAlive(running: RunningProcess): boolean;
  /** Brings files and limits of the running claw up to date and tells it, when it must be told. Answers the hash of its files. */
  refresh(workload: Workload, running: RunningProcess): Promise<string>;
  stop(workload: Workload, running: RunningProcess, signal: string): Promise<void>;
  /** Ends every process of the claw and waits until none is left. */
  kill(workload: Workload, running: RunningProcess | null): Promise<void>;
  /** What is known of the end of a process that is gone. Ends its helpers too. */
  exitOf(workload: Workload, running: RunningProcess): Promise<ExitStatus>;
  /** Removes processes and folders. */
  remove(workload: Workload): Promise<void>;
  probe(workload: Workload): Promise<{ live: boolean; ready: boolean }>;
  /** Hash of the files as they are now; equals the wanted hash while nobody changed them. */
  diskHash(workload: Workload): string;
  rotateLog(workload: Workload): void;
}

/** What the effects of every claw share. */
export interface Machine {
  readonly dataDir: string;
  readonly uidBase: number | null;
  readonly slots: number;
  readonly table: ProcessTable;
  readonly cgroups: Cgroups;
  readonly runtimes: Runtimes;
  readonly spool: Pick<LogSpool, 'keep' | 'discard'>;
  readonly rotation: RotationRules;
  /** Whether another claw that may run has the slot of this one, which then is a leftover. */
  isSlotShared(workload: Workload): boolean;
}

const CHILD_POLL_MILLISECONDS = 20;
const CHILD_POLLS = 50;

export function createClawEffects(machine: Machine): ClawEffects {
  const { table, cgroups } = machine;
  const marks = (workload: Workload, running: RunningProcess | null): ClawMarks => ({
    group: workload.slug,
    uid: machine.isSlotShared(workload) ? null : (ownerOf(machine, workload)?.id ?? null),
    instanceId: workload.instanceId,
    keeper: running?.keeper ?? null,
  });
  const pidOf = (running: RunningProcess): number | null => childOf(table, running);
  const kill = (workload: Workload, running: RunningProcess | null): Promise<void> => sweep(marks(workload, running), table, cgroups);
  return {
    prepare: async (workload) => {
      await machine.runtimes.prepare(workload.runtime);
    },
    launch: async (workload, record, onExit) => {
      await kill(workload, null);
      await launch(machine, workload, record, onExit);
    },
    pidOf,
    isAlive: (running) => isSameProcess(table, running.keeper.pid, running.keeper.start),
    refresh: async (workload, running) => {
      const folders = foldersOf(machine, workload);
      const owner = ownerOf(machine, workload);
      checkFolders(folders, owner);
      cgroups.prepare(workload.slug, workload.resources);
      const runtime = await machine.runtimes.prepare(workload.runtime);
      const changed = writeClawFiles(folders, workload, folderTokens(folders, runtime), owner?.id ?? null);
      // A claw that could not be told last time is told now, although its files are written already.
      if (changed || running.filesHash !== workload.filesHash) await notifyClaw(workload, pidOf(running), owner?.id ?? null);
      return diskHash(folders, workload);
    },
    stop: async (_workload, running, signal) => {
      const pid = await waitForChild(machine, running);
      if (pid !== null) sendSignal(pid, signal as NodeJS.Signals);
    },
    kill,
    exitOf: async (workload, running) => {
      const exit = readExit(exitFile(foldersOf(machine, workload)));
      const outOfMemory = cgroups.oomKills(workload.slug) > running.oomKillsBefore;
      await kill(workload, running);
      return { code: exit?.code ?? null, signal: exit?.signal ?? (exit ? null : 'SIGKILL'), outOfMemory };
    },
    remove: async (workload) => {
      await kill(workload, null);
      if (workload.retention === 'wipe') machine.spool.discard(workload.instanceId);
      else rotate(machine, workload, AT_ONCE);
      removeFolders(foldersOf(machine, workload), workload.retention, ownerOf(machine, workload));
    },
    probe: (workload) => probeBoth(machine, workload),
    diskHash: (workload) => diskHash(foldersOf(machine, workload), workload),
    rotateLog: (workload) => rotate(machine, workload, machine.rotation),
  };
}

/** What is left of a log goes to the archive with its claw. */
const AT_ONCE: RotationRules = { limitBytes: 1, maxAgeMilliseconds: 0 };

function rotate(machine: Machine, workload: Workload, rules: RotationRules): void {
  const { log } = foldersOf(machine, workload);
  rotateLog(log, ownerOf(machine, workload)?.id ?? null, rules, (copy, times) => machine.spool.keep(workload.instanceId, copy, times), Date.now());
}

export function foldersOf(machine: Pick<Machine, 'dataDir'>, workload: Workload): ClawFolders {
  return clawFolders(machine.dataDir, workload.slug);
}

function ownerOf({ uidBase, slots }: Pick<Machine, 'uidBase' | 'slots'>, { slot }: Workload): Owner {
  return uidBase === null ? null : { id: uidBase + slot, block: { first: uidBase, last: uidBase + slots - 1 } };
}

function exitFile(folders: ClawFolders): string {
  return path.join(folders.run, 'exit');
}

async function launch(machine: Machine, workload: Workload, record: (launched: Launched) => void, onExit: () => void): Promise<void> {
  const folders = foldersOf(machine, workload);
  const owner = ownerOf(machine, workload);
  const runtime = await machine.runtimes.prepare(workload.runtime);
  await requireFreePorts(workload);
  prepareFolders(folders, owner);
  const tokens = folderTokens(folders, runtime);
  writeClawFiles(folders, workload, tokens, owner?.id ?? null);
  rmSync(exitFile(folders), { force: true, recursive: true });
  machine.cgroups.prepare(workload.slug, workload.resources);
  const output = openLog(folders.log, owner?.id ?? null);
  try {
    const command = workload.command.map((part) => replaceTokens(part, tokens));
    const request = { command, env: clawEnv(workload, folders, runtime), cwd: folders.data, ownerId: owner?.id ?? null, output, exitFile: exitFile(folders) };
    const keeper = await launchKeeper(request, machine.table);
    let running: RunningProcess;
    try {
      machine.cgroups.add(workload.slug, keeper.pid);
      running = startedNow(machine, workload, keeper);
      record({ process: running, diskHash: workload.filesHash });
    } catch (error) {
      keeper.abort();
      throw error;
    }
    keeper.onExit(onExit);
    keeper.open();
    await waitForChild(machine, running);
  } finally {
    closeSync(output);
  }
}

function startedNow({ cgroups }: Machine, workload: Workload, { pid, start }: { pid: number; start: string }): RunningProcess {
  const { processHash, filesHash, restartGeneration, resources } = workload;
  const oomKillsBefore = cgroups.oomKills(workload.slug);
  return { keeper: { pid, start }, pid: null, startedAt: Date.now(), processHash, filesHash, restartGeneration, resources, oomKillsBefore };
}

async function requireFreePorts(workload: Workload): Promise<void> {
  for (const [name, port] of Object.entries(workload.ports)) {
    if (!(await isPortFree(port))) throw new Failure('PORT_IN_USE', `Port ${port} (${name}) of the claw is taken by another process.`);
  }
}

function childOf(table: ProcessTable, running: RunningProcess): number | null {
  return table.all().find((entry) => entry.ppid === running.keeper.pid)?.pid ?? null;
}

/** The keeper forks right after its gate opened; null when it ended before. */
async function waitForChild({ table }: Machine, running: RunningProcess): Promise<number | null> {
  for (let round = 0; round < CHILD_POLLS; round += 1) {
    const pid = childOf(table, running);
    if (pid !== null || !isSameProcess(table, running.keeper.pid, running.keeper.start)) return pid;
    await delay(CHILD_POLL_MILLISECONDS);
  }
  return null;
}

async function probeBoth(machine: Machine, workload: Workload): Promise<{ live: boolean; ready: boolean }> {
  const folders = foldersOf(machine, workload);
  const ownerId = ownerOf(machine, workload)?.id ?? null;
  const { live, ready } = workload.probes;
  const needsEnv = live.type === 'exec' || ready.type === 'exec';
  const env = needsEnv ? clawEnv(workload, folders, await machine.runtimes.prepare(workload.runtime)) : {};
  const target: ProbeTarget = { ports: workload.ports, env, cwd: folders.data, ownerId };
  const isReady = await probe(ready, target);
  // What is ready lives; the second question is for what is not.
  return { live: isReady || (await probe(live, target)), ready: isReady };
}
