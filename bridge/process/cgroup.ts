import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { HostInfo } from '../../workflows/contracts/host.ts';

/** Limits of one claw. */
export interface CgroupLimits {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
}

/** Groups of processes with limits. Where a limit cannot be set, `limits` says why and every method still works. */
export interface Cgroups {
  readonly limits: HostInfo['limits'];
  /** Makes the group if needed and sets its limits. */
  prepare(name: string, limits: CgroupLimits): void;
  /** Puts a process into the group; what it starts later is in it too. */
  add(name: string, pid: number): void;
  pids(name: string): readonly number[];
  /** What the group used since it was made and holds now; null where the machine does not count it. */
  usage(name: string): { readonly cpuMilliseconds: number | null; readonly memoryBytes: number | null };
  /** How often the kernel killed a process of the group for want of memory. */
  oomKills(name: string): number;
  /** Removes the empty group. */
  remove(name: string): void;
  /** Removes what is common to all groups of this bridge, when none is left. */
  close(): void;
}

/** Version and folder of one controller's groups of this bridge. */
interface Controller {
  readonly name: 'memory' | 'cpu' | 'pids';
  readonly version: 1 | 2;
  readonly folder: string;
}

const CPU_PERIOD_MICROSECONDS = 100_000;
const MINIMAL_QUOTA_MICROSECONDS = 1_000;
/** More than any agent needs, less than a fork bomb. */
const PIDS_PER_CLAW = 2_048;

/** Finds what this process may limit. Groups live under `clawloops-<bridgeId>`. */
export function openCgroups(bridgeId: string): Cgroups {
  const found: Controller[] = [];
  const reasons: string[] = [];
  for (const name of ['memory', 'cpu', 'pids'] as const) {
    const controller = openController(name, `clawloops-${bridgeId}`);
    if (typeof controller === 'string') reasons.push(`${name}: ${controller}`);
    else found.push(controller);
  }
  return createCgroups(found, reasons.filter((reason) => !reason.startsWith('pids')).join('; ') || null);
}

/** Names of the groups a bridge has; changes nothing. */
export function cgroupNames(bridgeId: string): readonly string[] {
  const places = (['memory', 'cpu', 'pids'] as const).map((name) => locate(name)).filter((place) => place !== null);
  return [...new Set(places.flatMap(({ parent }) => childFolders(path.join(parent, `clawloops-${bridgeId}`))))];
}

function createCgroups(controllers: readonly Controller[], reason: string | null): Cgroups {
  const has = (name: Controller['name']): boolean => controllers.some((controller) => controller.name === name);
  const folders = (name: string): string[] => [...new Set(controllers.map((controller) => path.join(controller.folder, name)))];
  const folderOf = (name: Controller['name'], group: string): string | null => {
    const controller = controllers.find((one) => one.name === name);
    return controller ? path.join(controller.folder, group) : null;
  };
  return {
    limits: { memory: has('memory'), cpu: has('cpu'), reason },
    prepare: (name, limits) => {
      for (const controller of controllers) {
        const folder = path.join(controller.folder, name);
        mkdirSync(folder, { recursive: true });
        for (const [file, value] of settings(controller, limits, folder)) writeLimit(path.join(folder, file), value);
      }
    },
    add: (name, pid) => {
      for (const folder of folders(name)) writeFileSync(path.join(folder, 'cgroup.procs'), String(pid));
    },
    pids: (name) => [
      ...new Set(
        folders(name)
          .flatMap((folder) => readLines(path.join(folder, 'cgroup.procs')))
          .map(Number),
      ),
    ],
    usage: (name) => ({ cpuMilliseconds: cpuTime(folderOf('cpu', name)), memoryBytes: workingSet(folderOf('memory', name)) }),
    oomKills: (name) => {
      const memory = controllers.find((controller) => controller.name === 'memory');
      if (!memory) return 0;
      const file = path.join(memory.folder, name, memory.version === 2 ? 'memory.events' : 'memory.oom_control');
      const line = readLines(file).find((text) => text.startsWith('oom_kill '));
      return Number(line?.split(' ')[1] ?? 0);
    },
    remove: (name) => {
      for (const folder of folders(name)) if (existsSync(folder)) rmdirSync(folder);
    },
    close: () => {
      for (const folder of new Set(controllers.map((controller) => controller.folder))) {
        if (childFolders(folder).length === 0 && existsSync(folder)) rmdirSync(folder);
      }
    },
  };
}

const MICROSECONDS = 1_000;

/** Version 1 counts CPU time in a controller that is not ours to use. */
function cpuTime(folder: string | null): number | null {
  const used = folder === null ? undefined : statValue(path.join(folder, 'cpu.stat'), 'usage_usec');
  return used === undefined ? null : Math.round(used / MICROSECONDS);
}

/** What is used less the file pages that the kernel would give up first, as `kubectl top` counts. */
function workingSet(folder: string | null): number | null {
  if (folder === null) return null;
  const used = Number(readLines(path.join(folder, 'memory.current'))[0] ?? readLines(path.join(folder, 'memory.usage_in_bytes'))[0]);
  if (Number.isNaN(used)) return null;
  const file = path.join(folder, 'memory.stat');
  return Math.max(0, used - (statValue(file, 'total_inactive_file') ?? statValue(file, 'inactive_file') ?? 0));
}

function statValue(file: string, name: string): number | undefined {
  const line = readLines(file).find((text) => text.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

/** The kernel does not take a memory limit that is already exceeded. */
function writeLimit(file: string, value: string): void {
  try {
    writeFileSync(file, value);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    throw new Failure('OUT_OF_MEMORY', 'The claw uses more memory at this moment than its new limit allows; restart it to apply the limit.');
  }
}

/** Files and values of one controller. Order matters in version 1: memory with swap may never be below memory. */
function settings(controller: Controller, limits: CgroupLimits, folder: string): [string, string][] {
  const quota = Math.max(MINIMAL_QUOTA_MICROSECONDS, Math.round((limits.cpuMillis * CPU_PERIOD_MICROSECONDS) / 1000));
  if (controller.name === 'pids') return [['pids.max', String(PIDS_PER_CLAW)]];
  if (controller.name === 'cpu') {
    if (controller.version === 2) return [['cpu.max', `${quota} ${CPU_PERIOD_MICROSECONDS}`]];
    return [
      ['cpu.cfs_period_us', String(CPU_PERIOD_MICROSECONDS)],
      ['cpu.cfs_quota_us', String(quota)],
    ];
  }
  const bytes = String(limits.memoryBytes);
  if (controller.version === 2)
    return [['memory.max', bytes], ...(existsSync(path.join(folder, 'memory.swap.max')) ? [['memory.swap.max', '0'] as [string, string]] : [])];
  const withSwap = path.join(folder, 'memory.memsw.limit_in_bytes');
  if (!existsSync(withSwap)) return [['memory.limit_in_bytes', bytes]];
  const raised = Number(readLines(withSwap)[0]) < limits.memoryBytes;
  const order: [string, string][] = [
    ['memory.limit_in_bytes', bytes],
    ['memory.memsw.limit_in_bytes', bytes],
  ];
  return raised ? order.reverse() : order;
}

/** The controller with its folder made, or why it cannot be used. */
function openController(name: Controller['name'], group: string): Controller | string {
  const place = locate(name);
  if (!place) return 'this kernel has no such cgroup controller here';
  const folder = path.join(place.parent, group);
  try {
    if (place.version === 2) writeFileSync(path.join(place.parent, 'cgroup.subtree_control'), `+${name}`);
    mkdirSync(folder, { recursive: true });
    if (place.version === 2) writeFileSync(path.join(folder, 'cgroup.subtree_control'), `+${name}`);
    return { name, version: place.version, folder };
  } catch (error) {
    return `cgroups are not writable (${(error as NodeJS.ErrnoException).code})`;
  }
}

/**
 * Where groups of a controller are made: at the top of what is mounted, as container engines do. The daemon's own group would be
 * another one after its next start, and in version 2 no process may sit beside groups.
 */
function locate(name: string): { version: 1 | 2; parent: string } | null {
  for (const line of readLines('/proc/self/mountinfo')) {
    const [before = '', after = ''] = line.split(' - ');
    const mount = before.split(' ')[4] ?? '';
    const [type, , options = ''] = after.split(' ');
    if (type === 'cgroup' && options.split(',').includes(name)) return { version: 1, parent: mount };
    if (type === 'cgroup2' && readLines(path.join(mount, 'cgroup.controllers'))[0]?.split(' ').includes(name)) return { version: 2, parent: mount };
  }
  return null;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

function childFolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
