import { setTimeout as sleep } from 'node:timers/promises';
import { chooseDeed, type Sight } from './choose-deed.ts';
import { chooseFaults, type Mood, pauseAfterFault } from './choose-fault.ts';
import { performDeed } from './perform-deed.ts';
import { performFault } from './perform-fault.ts';
import type { Random } from './random.ts';
import { breakRule, type World } from './world.ts';

/** Requests under way at most, as of a handful of people and scripts. */
const AT_ONCE = 8;
/** Parts that are away at the same time at most: something must be left that can go wrong. */
const SUFFERING_AT_ONCE = 3;
const LOOK_MS = 1_000;
const ANSWER_MS = 10_000;

/** Random deeds and random faults for that long; resolves when the last of them is over. */
export async function turmoil(world: World, random: Random, options: { readonly mood: Mood; readonly seconds: number; readonly claws: number }): Promise<void> {
  const until = performance.now() + options.seconds * 1000;
  const isOver = () => performance.now() >= until || world.signal.aborted;
  world.journal.note('turmoil begins', { ...options });
  await Promise.all([deeds(world, random, options.claws, isOver), faults(world, random, options.mood, isOver)]);
  world.journal.note('turmoil is over');
}

async function deeds(world: World, random: Random, wanted: number, isOver: () => boolean): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let sight: Sight | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  while (!isOver()) {
    if (performance.now() - lookedAt > LOOK_MS) {
      lookedAt = performance.now();
      sight = (await look(world, wanted).catch(() => null)) ?? sight;
    }
    const deed = sight && underWay.size < AT_ONCE ? chooseDeed(random, sight) : null;
    if (deed && sight) {
      const work: Promise<void> = told(world, performDeed(world, random, deed, sight.claws)).finally(() => underWay.delete(work));
      underWay.add(work);
    }
    await pause(world, random.between(100, 900));
  }
  await Promise.all(underWay);
}

/** The next fault does not wait for what the last one hit, only that is not hit again before it is back. */
async function faults(world: World, random: Random, mood: Mood, isOver: () => boolean): Promise<void> {
  const suffering = new Map<string, Promise<void>>();
  for (;;) {
    await pause(world, pauseAfterFault(random, mood) * 1000);
    if (isOver()) break;
    if (suffering.size >= SUFFERING_AT_ONCE) continue;
    for (const fault of chooseFaults(random, mood)) {
      if (suffering.has(fault.part)) continue;
      const work = told(world, performFault(world, random, fault)).finally(() => suffering.delete(fault.part));
      suffering.set(fault.part, work);
    }
  }
  await Promise.all(suffering.values());
}

/** A deed or fault that could not even be tried is a fault of the soak, and nothing it says counts. */
async function told(world: World, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!world.signal.aborted) breakRule(world, `the soak itself failed: ${(error as Error).stack}`);
  }
}

async function pause({ signal }: World, milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal });
}

/** What a person would see in the portal now. */
async function look({ fleet, hopeless }: World, wanted: number): Promise<Sight | null> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const [instances, operations] = await Promise.all([
    fleet.api.GET('/instances', { params: { query: { limit: 200 } }, signal }),
    fleet.api.GET('/operations', { params: { query: { limit: 200, active: 'true' } }, signal }),
  ]);
  if (!instances.data || !operations.data) return null;
  const claws = instances.data.items.map(({ id, spec, status }) => ({
    id,
    type: spec.type,
    phase: status.phase,
    busy: status.operation !== null,
    hopeless: hopeless.has(id),
  }));
  return { claws, operations: operations.data.items, wanted };
}
