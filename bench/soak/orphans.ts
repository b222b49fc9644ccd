import { readFileSync } from 'node:fs';
import { readJsonFile } from '../../bridge/files/json-file.ts';
import { EXEC_UIDS, type HostIdentity, identityFile } from '../../bridge/host/identity.ts';
import { createProcessTable } from '../../bridge/process/machine-table.ts';
import type { ProcessEntry } from '../../bridge/process/table.ts';
import type { Fleet } from '../../deploy/local/testing/fleet.ts';
import { FAULTY_PARTS } from './choose-fault.ts';

/** Processes of a running platform that belong to nothing that runs: neither to a part nor to a claw. */
export function orphanProcesses({ platform }: Fleet): string[] {
  const all = createProcessTable().all();
  const identity = readJsonFile<HostIdentity>(identityFile(platform.clawsDir));
  const roots = new Set(FAULTY_PARTS.flatMap((name) => platform.part(name).pid ?? []));
  const isOfPart = (entry: ProcessEntry | undefined): boolean =>
    entry !== undefined && (roots.has(entry.pid) || roots.has(entry.pgid) || isOfPart(all.find(({ pid }) => pid === entry.ppid && pid > 1)));
  // Those are looked at one by one elsewhere.
  const first = identity?.uidBase ?? null;
  const isOfClaw = ({ uid }: ProcessEntry) => first !== null && identity !== null && uid >= first && uid < first + identity.ports.slots + EXEC_UIDS;
  return carrying(platform.dataDir, all)
    .filter((entry) => !isOfClaw(entry) && !isOfPart(entry))
    .map((entry) => `a process that belongs to nothing: ${describe(entry)}`);
}

/** Every process but this one that was started with that folder on its command line or in its environment. */
export function processesOf(dataDir: string): string[] {
  return carrying(dataDir, createProcessTable().all()).map(describe);
}

function carrying(dataDir: string, all: readonly ProcessEntry[]): ProcessEntry[] {
  return all.filter(({ pid }) => pid !== process.pid && ['cmdline', 'environ'].some((file) => readProcess(pid, file).includes(dataDir)));
}

function describe({ pid }: ProcessEntry): string {
  return `${pid} ${readProcess(pid, 'cmdline').replaceAll('\0', ' ').slice(0, 80)}`;
}

function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    // It ended meanwhile, or this system has no /proc.
    return '';
  }
}
