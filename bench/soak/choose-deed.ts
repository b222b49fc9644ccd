import { LEGAL_OPERATIONS, type Phase } from '../../workflows/contracts/instance.ts';
import { type OperationControl, OperationKind, type Retention } from '../../workflows/contracts/operation.ts';
import type { Random } from './random.ts';

/** A claw as the API last showed it. */
export interface SeenClaw {
  readonly id: string;
  readonly type: string;
  readonly phase: Phase;
  /** An operation of it has not ended. */
  readonly busy: boolean;
  /** It was made to fail: it never becomes ready. */
  readonly hopeless: boolean;
}

/** Everything the next choice is made from. */
export interface Sight {
  readonly claws: readonly SeenClaw[];
  /** Open operations and what may be done with them now. */
  readonly operations: readonly { readonly id: string; readonly allowed: readonly OperationControl[] }[];
  /** How many light claws there should be. */
  readonly wanted: number;
}

/** How a new claw behaves; `crashes` and `never-ready` give retries and people something to do. */
export type Manner = 'well' | 'slow' | 'crashes' | 'never-ready';
export type PlainKind = 'start' | 'stop' | 'restart' | 'kill' | 'rotate-key' | 'retry';

/** One thing that somebody asks the API for. */
export type Deed =
  | { readonly do: 'create'; readonly manner: Manner }
  | { readonly do: PlainKind; readonly claw: string; readonly twice: boolean }
  | { readonly do: 'update'; readonly claw: string; readonly what: 'labels' | 'settings' | 'resources' }
  | { readonly do: 'destroy'; readonly claw: string; readonly retention: Retention }
  | { readonly do: OperationControl; readonly operation: string }
  | { readonly do: 'chat'; readonly claw: string };

type ClawDeed = PlainKind | 'update' | 'destroy' | 'chat';

const WEIGHTS: Readonly<Record<ClawDeed, number>> = {
  start: 20,
  stop: 8,
  restart: 10,
  kill: 5,
  update: 14,
  'rotate-key': 7,
  retry: 2,
  destroy: 4,
  chat: 20,
};
/** A claw of this type takes long to come up and is the only one: it is not destroyed, and stopped less often. */
const REAL_WEIGHTS: Readonly<Partial<Record<ClawDeed, number>>> = { start: 30, stop: 3, restart: 5, kill: 2, update: 8, 'rotate-key': 5, chat: 30 };
const HOPELESS_WEIGHTS: Readonly<Partial<Record<ClawDeed, number>>> = { start: 3, update: 2, retry: 3, destroy: 12 };

const CONTROL_SHARE = 0.12;
const WRONG_SHARE = 0.06;
const BUSY_SHARE = 0.15;
const TWICE_SHARE = 0.1;

/** What to ask for next; null = nothing comes to mind. Mostly legal, sometimes not, as people are. */
export function chooseDeed(random: Random, sight: Sight): Deed | null {
  const light = sight.claws.filter(({ type }) => type === 'echo');
  if (light.length < sight.wanted && random.chance(0.5)) {
    return { do: 'create', manner: random.weighted<Manner>({ well: 80, slow: 10, crashes: 5, 'never-ready': 5 }) ?? 'well' };
  }
  const steered = random.pick(sight.operations.filter(({ allowed }) => allowed.length > 0));
  if (steered && random.chance(CONTROL_SHARE)) {
    const control = random.pick(steered.allowed);
    if (control) return { do: control, operation: steered.id };
  }
  const claw = random.pick(sight.claws);
  // Where everything is busy, most people wait.
  if (!claw || (claw.busy && !random.chance(BUSY_SHARE))) return null;
  return deedOn(random, claw);
}

function deedOn(random: Random, claw: SeenClaw): Deed | null {
  const usual = claw.hopeless ? HOPELESS_WEIGHTS : claw.type === 'echo' ? WEIGHTS : REAL_WEIGHTS;
  const legal = LEGAL_OPERATIONS[claw.phase];
  const isLegal = (kind: ClawDeed) => (kind === 'chat' ? claw.phase === 'Running' : legal.includes(kind));
  const anything = random.chance(WRONG_SHARE);
  const weights = Object.fromEntries(Object.entries(usual).filter(([kind]) => anything || isLegal(kind as ClawDeed)));
  const kind = random.weighted<ClawDeed>(weights);
  switch (kind) {
    case null:
      return null;
    case 'chat':
      return { do: 'chat', claw: claw.id };
    case OperationKind.update:
      return { do: 'update', claw: claw.id, what: random.pick(['labels', 'settings', 'resources'] as const) ?? 'labels' };
    case OperationKind.destroy:
      return { do: 'destroy', claw: claw.id, retention: random.chance(0.5) ? 'retain' : 'wipe' };
    default:
      return { do: kind, claw: claw.id, twice: random.chance(TWICE_SHARE) };
  }
}
