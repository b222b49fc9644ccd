#!/usr/bin/env node
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ClawState } from './claw/state.ts';
import { clawsDir } from './files/folders.ts';
import { readJsonFile } from './files/json-file.ts';
import { EXEC_UIDS, type HostIdentity, identityFile } from './host/identity.ts';
import { isPortFree } from './host/port-range.ts';
import { cgroupNames } from './process/cgroup.ts';
import { createProcessTable } from './process/machine-table.ts';
import { INSTANCE_VARIABLE } from './process/sweep.ts';
import type { ProcessEntry } from './process/table.ts';
import { stateDir } from './supervisor.ts';

/** What one claw has on the machine. */
export interface ClawBelongings {
  /** null: the bridge does not know whose it is. */
  readonly instanceId: string | null;
  readonly slug: string | null;
  readonly slot: number | null;
  readonly desired: string | null;
  readonly folder: string | null;
  /** The folder is closed and kept for its data; nothing else may be left then. */
  readonly retained: boolean;
  readonly processes: readonly number[];
  /** Ports of its slot somebody listens on. */
  readonly ports: readonly number[];
  readonly cgroup: string | null;
}

/** Everything that claws of one bridge have on this machine, told from the machine itself and not from what the bridge believes. */
export interface Inventory {
  readonly dataDir: string;
  readonly claws: readonly ClawBelongings[];
}

/** Looks at processes, listening ports, folders and cgroups. Works while the bridge runs and while it does not. */
export async function takeInventory(dataDir: string): Promise<Inventory> {
  const identity = readJsonFile<HostIdentity>(identityFile(dataDir));
  if (!identity) return { dataDir, claws: [] };
  const states = readStates(dataDir);
  const found = new Finds(states);
  const folder = clawsDir(dataDir);
  for (const slug of existsSync(folder) ? readdirSync(folder) : []) found.bySlug(slug).folder = path.join(folder, slug);
  for (const group of cgroupNames(identity.bridgeId)) found.bySlug(group).cgroup = group;
  for (const entry of processesOfClaws(identity, dataDir)) found.byProcess(entry, identity).processes.push(entry.pid);
  for (const port of await busyPorts(identity)) found.bySlot(Math.floor((port - identity.ports.base) / identity.ports.perSlot)).ports.push(port);
  return { dataDir, claws: found.all() };
}

interface Find {
  instanceId: string | null;
  slug: string | null;
  slot: number | null;
  desired: string | null;
  folder: string | null;
  cgroup: string | null;
  processes: number[];
  ports: number[];
}

class Finds {
  readonly #finds: Find[];

  constructor(states: readonly ClawState[]) {
    this.#finds = states.map(({ workload }) => ({
      ...nothing(),
      instanceId: workload.instanceId,
      slug: workload.slug,
      slot: workload.slot,
      desired: workload.desired,
    }));
  }

  bySlug(slug: string): Find {
    return this.#findOrAdd((find) => find.slug === slug, { slug });
  }

  bySlot(slot: number): Find {
    return this.#findOrAdd((find) => find.slot === slot, { slot });
  }

  byProcess(entry: MarkedProcess, identity: HostIdentity): Find {
    const byId = this.#finds.find((find) => entry.instanceId !== null && find.instanceId === entry.instanceId);
    if (byId) return byId;
    if (identity.uidBase !== null) return this.bySlot(entry.uid - identity.uidBase);
    return this.#findOrAdd(() => false, { instanceId: entry.instanceId });
  }

  all(): ClawBelongings[] {
    return this.#finds
      .map((find) => ({ ...find, retained: find.folder !== null && find.instanceId === null && isClosed(find.folder) }))
      .filter((find) => find.folder !== null || find.cgroup !== null || find.processes.length > 0 || find.ports.length > 0 || find.instanceId !== null);
  }

  #findOrAdd(is: (find: Find) => boolean, given: Partial<Find>): Find {
    const known = this.#finds.find(is);
    if (known) return known;
    const added = { ...nothing(), ...given };
    this.#finds.push(added);
    return added;
  }
}

function nothing(): Find {
  return { instanceId: null, slug: null, slot: null, desired: null, folder: null, cgroup: null, processes: [], ports: [] };
}

interface MarkedProcess extends ProcessEntry {
  readonly instanceId: string | null;
}

/** By uid where claws have uids of their own; else by the mark in their environment and a home in this data folder. */
function processesOfClaws({ uidBase, ports }: HostIdentity, dataDir: string): MarkedProcess[] {
  const table = createProcessTable();
  const marked = table.all().map((entry) => ({ ...entry, instanceId: table.variable(entry.pid, INSTANCE_VARIABLE) }));
  if (uidBase !== null) return marked.filter(({ uid }) => uid >= uidBase && uid < uidBase + ports.slots + EXEC_UIDS);
  const homes = `${clawsDir(dataDir)}${path.sep}`;
  return marked.filter(({ pid, instanceId }) => instanceId !== null && table.variable(pid, 'HOME')?.startsWith(homes));
}

const LISTEN = '0A';

/** Ports of the range somebody listens on: as the kernel lists them, or by trying where it does not. */
async function busyPorts({ ports }: HostIdentity): Promise<number[]> {
  const all = Array.from({ length: ports.perSlot * ports.slots }, (_, index) => ports.base + index);
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].filter((file) => existsSync(file));
  if (tables.length > 0) {
    const lines = tables.flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(1));
    const listening = new Set(
      lines
        .map((line) => line.trim().split(/\s+/))
        .filter((fields) => fields[3] === LISTEN)
        .map((fields) => Number.parseInt(String(fields[1]?.split(':')[1]), 16)),
    );
    return all.filter((port) => listening.has(port));
  }
  const busy: number[] = [];
  for (const port of all) if (!(await isPortFree(port))) busy.push(port);
  return busy;
}

/** Closed by the daemon when its claw was destroyed and its data kept. */
function isClosed(folder: string): boolean {
  const status = lstatSync(folder);
  return status.isDirectory() && (status.mode & 0o077) === 0;
}

function readStates(dataDir: string): ClawState[] {
  const folder = stateDir(dataDir);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  return names.map((name) => readJsonFile<ClawState>(path.join(folder, name))).filter((state) => state !== null);
}

if (import.meta.main) {
  const [dataDir] = process.argv.slice(2);
  if (!dataDir) {
    console.error('usage: node bridge/inventory.ts <data folder of the bridge>');
    process.exit(1);
  }
  console.log(JSON.stringify(await takeInventory(dataDir), null, 2));
}
