import type { Random } from './random.ts';

/** Parts of a platform that faults meet. */
export const FAULTY_PARTS = ['api', 'worker', 'bridge', 'temporal', 'postgres', 'litellm', 'seaweedfs'] as const;
export type FaultyPart = (typeof FAULTY_PARTS)[number];

/** Something that happens to the platform without anybody asking. */
export type Fault =
  | { readonly do: 'kill' | 'terminate'; readonly part: FaultyPart }
  | { readonly do: 'freeze'; readonly part: FaultyPart; readonly seconds: number }
  | { readonly do: 'kill'; readonly part: 'claw' | 'keeper' }
  | { readonly do: 'freeze'; readonly part: 'claw'; readonly seconds: number };

/** `wild`: everything may be hit. `calm`: only claws, so that the processes of the platform live long enough to be judged. */
export type Mood = 'wild' | 'calm';

const PART_WEIGHTS: Readonly<Record<FaultyPart | 'claw' | 'keeper', number>> = {
  api: 5,
  worker: 6,
  bridge: 5,
  temporal: 3,
  postgres: 3,
  litellm: 1,
  seaweedfs: 1,
  claw: 3,
  keeper: 2,
};
const CLAW_WEIGHTS = { claw: 3, keeper: 1 } as const;
const HOW_WEIGHTS = { kill: 5, terminate: 2, freeze: 3 } as const;
const SECOND_SHARE = 0.25;

/** One fault, or two at once that hit different parts. */
export function chooseFaults(random: Random, mood: Mood): readonly Fault[] {
  const first = one(random, mood);
  if (mood === 'calm' || !random.chance(SECOND_SHARE)) return [first];
  const second = one(random, mood);
  return second.part === first.part ? [first] : [first, second];
}

function one(random: Random, mood: Mood): Fault {
  const part = random.weighted<FaultyPart | 'claw' | 'keeper'>(mood === 'wild' ? PART_WEIGHTS : CLAW_WEIGHTS) ?? 'claw';
  const how = random.weighted(HOW_WEIGHTS) ?? 'kill';
  if (part === 'keeper') return { do: 'kill', part };
  if (part === 'claw') return how === 'freeze' ? { do: 'freeze', part, seconds: random.between(2, 6) } : { do: 'kill', part };
  return how === 'freeze' ? { do: how, part, seconds: random.between(2, 8) } : { do: how, part };
}

/** Seconds until the next fault. */
export function pauseAfterFault(random: Random, mood: Mood): number {
  return mood === 'wild' ? random.between(3, 12) : random.between(15, 30);
}
