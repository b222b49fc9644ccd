import { setTimeout as delay } from 'node:timers/promises';
import type { Cgroups } from './cgroup.ts';
import type { ProcessTable } from './table.ts';

/** How the processes of one claw are recognised. */
export interface ClawMarks {
  /** Name of its cgroup. */
  readonly group: string;
  /** Its own uid; null where claws share the daemon's, or when another claw has that uid by now. */
  readonly uid: number | null;
  /** Its id, which every process of the claw inherits in its environment. */
  readonly instanceId: string;
  /** Keeper that leads its process group, when one was recorded. */
  readonly keeper: { readonly pid: number; readonly start: string } | null;
}

/** Variable that marks every process of a claw. */
export const INSTANCE_VARIABLE = 'CLAWLOOPS_INSTANCE_ID';

const ROUND_MILLISECONDS = 20;
const ROUNDS = 150;

/** Every process of the claw, helpers that left its session included where the machine can tell. */
export function processesOf(marks: ClawMarks, table: ProcessTable, cgroups: Cgroups): readonly number[] {
  const found = new Set(cgroups.pids(marks.group));
  const ownUid = process.getuid?.();
  // A pid is not given away while a group of that number lives; when it is another's now, the group of the keeper is gone.
  const leads = marks.keeper && (table.one(marks.keeper.pid)?.start ?? marks.keeper.start) === marks.keeper.start;
  const leader = marks.keeper && leads ? marks.keeper.pid : null;
  for (const entry of table.all()) {
    const byUid = marks.uid !== null && entry.uid === marks.uid;
    const byMark = marks.uid === null && entry.uid === ownUid && (entry.pgid === leader || table.variable(entry.pid, INSTANCE_VARIABLE) === marks.instanceId);
    if (byUid || byMark) found.add(entry.pid);
  }
  found.delete(process.pid);
  return [...found].filter((pid) => table.one(pid) !== null);
}

/** Kills all of them and waits until none is left. Throws when some cannot be killed. */
export async function sweep(marks: ClawMarks, table: ProcessTable, cgroups: Cgroups): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const pids = processesOf(marks, table, cgroups);
    if (pids.length === 0) return removeGroup(marks.group, cgroups);
    for (const pid of pids) sendSignal(pid, 'SIGKILL');
    await delay(ROUND_MILLISECONDS);
  }
  throw new Error(`processes ${processesOf(marks, table, cgroups).join(', ')} of the claw cannot be ended`);
}

/** Answers false when there is no such process. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Zombies keep a group busy until their parent took note of them. */
async function removeGroup(group: string, cgroups: Cgroups): Promise<void> {
  for (let round = 0; ; round += 1) {
    try {
      cgroups.remove(group);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || round === ROUNDS) throw error;
      await delay(ROUND_MILLISECONDS);
    }
  }
}
