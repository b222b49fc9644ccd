import type { Row } from './row.ts';

/** A number that a bench lets people change on the command line. */
export interface BenchOption {
  readonly name: string;
  readonly byDefault: number;
  readonly what: string;
}

/** What a running bench is given. */
export interface BenchContext {
  /** The value of one of the bench's own options. */
  option(name: string): number;
  /** Adds a row to the result; rows measured before a time limit or an interruption are still printed. */
  measured(...rows: readonly Row[]): void;
  /** Tells the person who waits what happens now. */
  say(text: string): void;
  /** Aborted when the time is up or the person interrupts. */
  readonly signal: AbortSignal;
}

/** One bench: it starts what it needs on throw-away data and measures. */
export interface Bench {
  readonly name: string;
  readonly what: string;
  readonly options: readonly BenchOption[];
  /** After this long it is stopped and shows what it has; a function where it depends on the bench's own options. */
  readonly limitMinutes: number | ((option: BenchContext['option']) => number);
  run(context: BenchContext): Promise<void>;
}
