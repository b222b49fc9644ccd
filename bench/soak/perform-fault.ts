import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClawState } from '../../bridge/claw/state.ts';
import { readJsonFile } from '../../bridge/files/json-file.ts';
import { createProcessTable } from '../../bridge/process/machine-table.ts';
import { isSameProcess } from '../../bridge/process/table.ts';
import { stateDir } from '../../bridge/supervisor.ts';
import { FAULTY_PARTS, type Fault, type FaultyPart } from './choose-fault.ts';
import type { Random } from './random.ts';
import { breakRule, tally, type World } from './world.ts';

/** How long a part that is told to end may take, and how long it may take to be back. */
const END_SECONDS = 45;
const BACK_SECONDS = 180;

/** Does it, and resolves when what was hit is back. */
export async function performFault(world: World, random: Random, fault: Fault): Promise<void> {
  tally(world, `${fault.do} ${fault.part}`, fault as unknown as Readonly<Record<string, unknown>>);
  if (fault.part === 'claw' || fault.part === 'keeper') return hitClaw(world, random, fault);
  const part = world.fleet.platform.part(fault.part);
  if (fault.do === 'freeze') {
    await part.kill('SIGSTOP');
    await sleep(fault.seconds * 1000);
    await part.kill('SIGCONT');
    return;
  }
  const victim = part.pid;
  if (!(await within(END_SECONDS, part.kill(fault.do === 'kill' ? 'SIGKILL' : endSignal(fault.part))))) {
    breakRule(world, `${fault.part} (process ${victim}) did not end within ${END_SECONDS} s of being told to`);
    await part.kill('SIGKILL');
  }
  await untilBack(world, fault.part);
}

/** To PostgreSQL a SIGTERM means: when the last client has gone, which those of a platform never do. */
function endSignal(part: FaultyPart): NodeJS.Signals {
  return part === 'postgres' ? 'SIGINT' : 'SIGTERM';
}

/** Lets every part go on and waits until each does its work. */
export async function endFaults(world: World): Promise<void> {
  const parts = FAULTY_PARTS.map((name) => ({ name, part: world.fleet.platform.part(name) }));
  for (const { part } of parts) await part.kill('SIGCONT');
  for (const { name } of parts) await untilBack(world, name);
}

async function untilBack(world: World, name: FaultyPart): Promise<void> {
  if (!(await within(BACK_SECONDS, world.fleet.platform.part(name).waitReady()))) breakRule(world, `${name} was not back within ${BACK_SECONDS} s`);
}

async function hitClaw(world: World, random: Random, fault: Fault): Promise<void> {
  const table = createProcessTable();
  const folder = stateDir(world.fleet.platform.clawsDir);
  const living = readdirSync(folder)
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .flatMap((name) => {
      const running = readJsonFile<ClawState>(join(folder, name))?.process;
      if (!running || running.pid === null || !isSameProcess(table, running.keeper.pid, running.keeper.start)) return [];
      // Only a child of the keeper is surely the claw and not a stranger who was given its number.
      return table.one(running.pid)?.ppid === running.keeper.pid ? [{ name, claw: running.pid, keeper: running.keeper.pid }] : [];
    });
  const victim = random.pick(living);
  if (!victim) return;
  const pid = fault.part === 'keeper' ? victim.keeper : victim.claw;
  world.journal.note('claw was hit', { claw: victim.name.replace('.json', ''), pid, part: fault.part, how: fault.do });
  if (fault.do !== 'freeze') return signal(pid, 'SIGKILL');
  signal(pid, 'SIGSTOP');
  await sleep(fault.seconds * 1000);
  if (table.one(pid)?.ppid === victim.keeper) signal(pid, 'SIGCONT');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Whether it was over within that time; a rejection is not. */
function within(seconds: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), seconds * 1000);
    const end = (good: boolean) => {
      clearTimeout(timer);
      resolve(good);
    };
    work.then(
      () => end(true),
      () => end(false),
    );
  });
}
