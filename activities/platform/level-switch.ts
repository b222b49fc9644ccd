import pino from 'pino';

/** How much a logger and all its children say; it can be turned while they are in use. */
export interface LevelSwitch {
  /** What the environment asks for. */
  readonly configured: string;
  readonly current: string;
  /** Null = as configured. */
  turn(level: string | null): void;
  /** Whether a line of this number is said. */
  passes(levelNumber: number): boolean;
}

const numberOf = (level: string): number => pino.levels.values[level] ?? Number.POSITIVE_INFINITY;

/** A switch that stands where the configuration puts it. */
export function createLevelSwitch(configured: string): LevelSwitch {
  let current = configured;
  let least = numberOf(configured);
  return {
    configured,
    get current() {
      return current;
    },
    turn: (level) => {
      current = level ?? configured;
      least = numberOf(current);
    },
    passes: (levelNumber) => levelNumber >= least,
  };
}
