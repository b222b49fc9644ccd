import { join } from 'node:path';
import { readKeyRing } from '../activities/platform/secrets.ts';
import { createTemporalClient } from '../activities/platform/temporal/connection.ts';
import { registerEcho } from '../deploy/local/faults/echo-claw.ts';
import type { Fleet } from '../deploy/local/testing/fleet.ts';
import type { Bench, BenchContext } from './lib/bench.ts';
import { withFleet } from './lib/fleet.ts';
import { row } from './lib/row.ts';
import { askForOperation } from './soak/ask.ts';
import { folderCount } from './soak/check-machine.ts';
import type { Mood } from './soak/choose-fault.ts';
import { INSPECTABLE } from './soak/inspector.ts';
import { type Journal, openJournal } from './soak/journal.ts';
import { type LiveMemoryWatch, watchLiveMemory } from './soak/live-memory.ts';
import { measureDisk, watchMemory } from './soak/memory.ts';
import { processesOf } from './soak/orphans.ts';
import { type Random, seededRandom } from './soak/random.ts';
import { comeToRest } from './soak/rest.ts';
import { resultRows } from './soak/results.ts';
import { turmoil } from './soak/turmoil.ts';
import type { World } from './soak/world.ts';

const WILD_SHARE = 0.5;
const WILD_SECONDS = 150;
const CALM_SECONDS = 240;
/** Memory is compared from the rest after the first of them to the rest after the last. */
const CALM_ROUNDS = 3;
const TOLD_LINES = 40;

/** A platform with a light fleet and a real claw, with everything that people do and everything that breaks, at random. */
export const soakBench: Bench = {
  name: 'soak',
  what: 'random operations and random kills of every component; ends with 1 when a promise is broken',
  options: [
    { name: 'minutes', byDefault: 30, what: 'length; getting ready and the rests come on top' },
    { name: 'claws', byDefault: 20, what: 'light claws' },
    { name: 'real', byDefault: 1, what: 'OpenClaw claws' },
    { name: 'seed', byDefault: 0, what: 'decides what is done; 0 = another one each time' },
  ],
  limitMinutes: (option) => option('minutes') + 60,
  run: async (context) => {
    const seed = context.option('seed') || (Date.now() % 1_000_000) + 1;
    const journal = openJournal(seed);
    context.say(`Seed ${seed}. What is done, and what the platform logs, is kept in ${journal.folder}`);
    let dataDir = '';
    const work = (fleet: Fleet) => {
      dataDir = fleet.platform.dataDir;
      return soak(fleet, context, journal, seededRandom(seed));
    };
    await withFleet(context, work, { env: INSPECTABLE });
    const strays = processesOf(dataDir);
    context.measured(row('processes left after the end', strays.length, '', 0));
    if (strays.length > 0) throw new Error(`What the platform left behind:\n${strays.join('\n')}`);
  },
};

async function soak(fleet: Fleet, context: BenchContext, journal: Journal, random: Random): Promise<void> {
  const keyRing = readKeyRing(join(fleet.platform.dataDir, 'keys.json'));
  const temporal = createTemporalClient({ address: fleet.platform.temporalAddress, namespace: 'default', keyRing });
  const { signal } = context;
  const world: World = { fleet, temporal, journal, asked: [], hopeless: new Set(), broken: [], counts: new Map(), signal };
  const memory = watchMemory(fleet);
  const live = watchLiveMemory(fleet, journal, signal);
  try {
    await registerEcho(fleet);
    await createReal(world, context);
    const begun = await measureDisk(fleet);
    await phases(world, context, random, live);
    const ended = await measureDisk(fleet);
    memory.stop();
    context.measured(...(await resultRows(world, begun, ended)), ...live.rows(), ...memory.rows());
    await destroyAll(world, context);
  } finally {
    memory.stop();
    journal.keepLogs(join(fleet.platform.dataDir, 'logs'));
    await temporal.connection.close();
  }
}

async function createReal(world: World, context: BenchContext): Promise<void> {
  for (let number = 1; number <= context.option('real'); number += 1) {
    const body = { name: `real-${number}`, type: 'openclaw', config: { overrides: [{ key: 'model.name', value: 'demo' }] } };
    await askForOperation(world, { what: 'create', method: 'POST', path: '/instances', body });
  }
  // A fault in its first installation would be no more than a longer wait.
  await judged(world, context, 'Before the first fault');
}

/** First everything breaks, in rounds with a rest after each; then only claws do, so that the platform's own processes can be judged. */
async function phases(world: World, context: BenchContext, random: Random, live: LiveMemoryWatch): Promise<void> {
  const claws = context.option('claws');
  const seconds = context.option('minutes') * 60;
  const wild = rounds('wild', seconds * WILD_SHARE, { longest: WILD_SECONDS, least: 1 });
  const calm = rounds('calm', seconds * (1 - WILD_SHARE), { longest: CALM_SECONDS, least: CALM_ROUNDS });
  for (const [index, { mood, seconds: length }] of [...wild, ...calm].entries()) {
    await turmoil(world, random, { mood, seconds: length, claws });
    const operations = await judged(world, context, `Round ${index + 1} (${mood})`);
    if (mood === 'calm') await live.look(operations);
  }
}

/** So long in equal parts. */
function rounds(mood: Mood, seconds: number, { longest, least }: { readonly longest: number; readonly least: number }) {
  const count = Math.max(least, Math.ceil(seconds / longest));
  return Array.from({ length: count }, () => ({ mood, seconds: seconds / count }));
}

/** Comes to rest and throws when something is not as it must be. Answers how many operations there were so far. */
async function judged(world: World, context: BenchContext, title: string): Promise<number> {
  const begin = performance.now();
  const found = [...world.broken, ...(await comeToRest(world, context.say))];
  const accepted = world.asked.filter(({ outcome }) => outcome.kind === 'accepted').length;
  context.say(`${title}: at rest after ${Math.round((performance.now() - begin) / 1000)} s, ${accepted} operations so far, ${found.length} promises broken`);
  world.journal.note('rest', { title, found });
  if (found.length > 0) throw new Error(telling(world, title, found));
  return accepted;
}

function telling({ journal }: World, title: string, found: readonly string[]): string {
  return [`${title}: broken promises`, ...found.map((line) => `  ${line}`), `The last of ${journal.folder}:`, ...journal.tail(TOLD_LINES)].join('\n');
}

async function destroyAll(world: World, context: BenchContext): Promise<void> {
  const { rows } = await world.fleet.database.query<{ id: string }>('SELECT id FROM instance WHERE destroyed_at IS NULL');
  await Promise.all(rows.map(({ id }) => askForOperation(world, { what: 'destroy', method: 'DELETE', path: `/instances/${id}?retention=wipe` })));
  await judged(world, context, 'Everything was destroyed');
  const { rows: kept } = await world.fleet.database.query<{ count: number }>('SELECT count(*)::integer AS count FROM instance WHERE destroyed_at IS NULL');
  context.measured(
    row('promises broken', 0, '', 0),
    row('instances left', kept[0]?.count ?? Number.NaN, '', 0),
    row('folders kept as asked', folderCount(world), ''),
  );
}
