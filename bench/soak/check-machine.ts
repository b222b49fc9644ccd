import { readdirSync } from 'node:fs';
import { type ClawBelongings, takeInventory } from '../../bridge/inventory.ts';
import type { World } from './world.ts';

interface LivingClaw {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly type: string;
  readonly runs: boolean;
  readonly port: number | null;
  readonly pid: number | null;
  readonly greeting: string | null;
  readonly current: boolean;
}

const LIVING = `SELECT i.id, i.name, i.slug, i.type, coalesce(w.desired = 'running', false) AS runs, (w.document->'ports'->>'http')::integer AS port,
    (i.observed_fact->>'pid')::integer AS pid, i.applied_generation = i.generation AS current,
    (SELECT o->>'value' FROM jsonb_array_elements(i.spec->'config'->'overrides') o WHERE o->>'key' = 'greeting') AS greeting
  FROM instance i LEFT JOIN workload w ON w.instance_id = i.id WHERE i.destroyed_at IS NULL`;
/** A keeper and one Node process. */
const LIGHT_PROCESSES = 2;

/** What claws have on the machine against what they should have: each that runs runs once, with what was asked for last. */
export async function checkMachine({ fleet }: World): Promise<string[]> {
  const { claws } = await takeInventory(fleet.platform.clawsDir);
  const { rows } = await fleet.database.query<LivingClaw>(LIVING);
  const found = claws.filter(({ retained }) => !retained).flatMap((belongings) => checkTwice(belongings));
  for (const claw of rows.filter(({ runs }) => runs)) {
    const own = claws.filter(({ instanceId, slug }) => instanceId === claw.id || slug === claw.slug);
    const processes = own.flatMap((belongings) => belongings.processes);
    const isRight = claw.type === 'echo' ? processes.length === LIGHT_PROCESSES : processes.length >= LIGHT_PROCESSES;
    if (!isRight) found.push(`a running claw has ${processes.length} processes: ${claw.name} ${processes.join(' ')}`);
    if (claw.type === 'echo') found.push(...(await checkEcho(claw)));
  }
  return found;
}

function checkTwice({ slug, slot, ports, folder, instanceId }: ClawBelongings): string[] {
  const isNobodys = instanceId === null && folder !== null;
  return [
    ...(ports.length > 1 ? [`a claw listens on ${ports.length} ports: ${slug ?? slot}`] : []),
    ...(isNobodys ? [`a folder that is neither in use nor closed: ${slug}`] : []),
  ];
}

/** A light claw tells which process it is and which settings it has. */
async function checkEcho({ name, port, pid, greeting, current }: LivingClaw): Promise<string[]> {
  if (port === null) return [`a running claw has no port: ${name}`];
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/state`, { signal: AbortSignal.timeout(10_000) });
    const state = (await answer.json()) as { pid: number; name: string; greeting: string };
    return [
      ...(state.name === name ? [] : [`another claw answers in place of ${name}: ${state.name}`]),
      ...(state.pid === pid ? [] : [`${name} is process ${state.pid}, the record says ${pid}`]),
      ...(!current || greeting === null || state.greeting === greeting ? [] : [`${name} has the setting "${state.greeting}", the record says "${greeting}"`]),
    ];
  } catch (error) {
    return [`${name} does not answer on its port ${port}: ${(error as Error).message}`];
  }
}

/** Folders under the claws' folder, for the number of kept ones. */
export function folderCount({ fleet }: World): number {
  return readdirSync(`${fleet.platform.clawsDir}/claws`).length;
}
