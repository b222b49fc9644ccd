import { setTimeout as sleep } from 'node:timers/promises';
import { chat } from '../../deploy/local/testing/fleet.ts';
import { askOnce } from './ask.ts';
import { checkEngine } from './check-engine.ts';
import { checkMachine } from './check-machine.ts';
import { checkRecord } from './check-record.ts';
import { orphanProcesses } from './orphans.ts';
import { endFaults } from './perform-fault.ts';
import type { World } from './world.ts';

/** For how long nothing may move while work is open: the longest back-off of a claw that was killed again and again is five minutes. */
const STILL_SECONDS = 480;
/** What follows the end of an operation at some distance, such as the removal of an empty group. */
const SETTLED_SECONDS = 60;
const TOLD_EVERY_MS = 20_000;

/** `mark` changes with every sign of life. */
const UNREST = `SELECT 'operation ' || id || ' ' || kind || ' ' || state AS subject, md5(steps::text) AS mark FROM operation WHERE state IN ('pending', 'running', 'retrying')
  UNION ALL SELECT 'outbox ' || kind || ' ' || key, seq::text FROM outbox WHERE delivered_at IS NULL
  UNION ALL SELECT 'fact of ' || instance_id, seq::text FROM host_fact
  UNION ALL SELECT 'claw ' || name || ' is ' || phase, coalesce(observed_seq, 0)::text FROM instance WHERE phase NOT IN ('Running', 'Stopped', 'Failed', 'Destroyed')`;

/** Ends the faults, waits until all work has ended, and answers everything that is not as it must be. Empty = nothing lost, nothing doubled, nothing left. */
export async function comeToRest(world: World, say: (text: string) => void): Promise<string[]> {
  await endFaults(world);
  const unrest = await untilQuiet(world, say);
  if (unrest.length > 0) return unrest.map((subject) => `nothing moved for ${STILL_SECONDS} s: ${subject}`);
  const deadline = performance.now() + SETTLED_SECONDS * 1000;
  for (;;) {
    const found = await checkAll(world);
    if (found.length === 0 || performance.now() > deadline) return found;
    await sleep(2_000, undefined, { signal: world.signal });
  }
}

async function checkAll(world: World): Promise<string[]> {
  const record = await checkRecord(world);
  return [...record, ...(await checkEngine(world)), ...(await checkMachine(world)), ...orphanProcesses(world.fleet), ...(await checkChats(world))];
}

interface Unrest {
  readonly subject: string;
  readonly mark: string;
}

/** What is still open when nothing has moved for long; empty = all is quiet. */
async function untilQuiet(world: World, say: (text: string) => void): Promise<readonly string[]> {
  let told = performance.now();
  let moved = performance.now();
  let marks = '';
  for (;;) {
    const unrest = await unrestOf(world).catch((error: Error) => [{ subject: `the database does not answer: ${error.message}`, mark: '' }]);
    const now = JSON.stringify(unrest);
    if (now !== marks) moved = performance.now();
    marks = now;
    const subjects = unrest.map(({ subject }) => subject);
    if (unrest.length === 0 || performance.now() - moved > STILL_SECONDS * 1000) return subjects;
    if (performance.now() - told > TOLD_EVERY_MS) {
      told = performance.now();
      world.journal.note('not at rest yet', { unrest: subjects });
      say(`waiting for ${unrest.length}: ${subjects.slice(0, 3).join('; ')}`);
    }
    await letGoOfHopeless(world).catch(() => undefined);
    await sleep(1_000, undefined, { signal: world.signal });
  }
}

async function unrestOf({ fleet }: World): Promise<Unrest[]> {
  const { rows } = await fleet.database.query<Unrest>(UNREST);
  return rows;
}

/** A claw that was made to fail keeps its operation waiting for a person; this is that person. */
async function letGoOfHopeless(world: World): Promise<void> {
  const { rows } = await world.fleet.database.query<{ id: string; allowed: string[] }>(
    "SELECT id, allowed FROM operation WHERE state IN ('pending', 'running', 'retrying') AND instance_id = ANY($1)",
    [[...world.hopeless]],
  );
  for (const { id, allowed } of rows) {
    const control = allowed.find((name) => name === 'give-up') ?? allowed.find((name) => name === 'cancel');
    if (control) await askOnce(world, { what: control, method: 'POST', path: `/operations/${id}/${control}` });
  }
}

/** With nothing in the way every running claw answers, and its model does. */
async function checkChats({ fleet, signal }: World): Promise<string[]> {
  const { rows } = await fleet.database.query<{ id: string; name: string }>(
    "SELECT id, name FROM (SELECT id, name, type, row_number() OVER (PARTITION BY type ORDER BY updated_at DESC) AS nth FROM instance WHERE phase = 'Running') i WHERE nth <= 3",
  );
  const answers = await Promise.all(
    rows.map(async ({ id, name }) => {
      const limit = sleep(120_000, { text: '', error: { code: 'nothing in two minutes' } }, { signal, ref: false });
      const answer = await Promise.race([chat(fleet, id, 'Are you there?').catch((error: Error) => ({ text: '', error: { code: error.message } })), limit]);
      return answer.error === null && answer.text.includes('demo')
        ? []
        : [`a running claw does not answer: ${name} ${answer.error?.code ?? answer.text.slice(0, 80)}`];
    }),
  );
  return answers.flat();
}
