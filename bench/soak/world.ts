import type { Client } from '@temporalio/client';
import type { Fleet } from '../../deploy/local/testing/fleet.ts';
import type { Journal } from './journal.ts';
import type { Asked } from './ledger.ts';

/** What every piece of a running soak shares. */
export interface World {
  readonly fleet: Fleet;
  readonly temporal: Client;
  readonly journal: Journal;
  /** Every request for an operation, with what came of it. */
  readonly asked: Asked[];
  /** Instances that were made to fail. */
  readonly hopeless: Set<string>;
  /** What must never happen and was seen while it happened; looked at together with everything else at rest. */
  readonly broken: string[];
  /** How often something was done, by its name. */
  readonly counts: Map<string, number>;
  readonly signal: AbortSignal;
}

/** Notes something and counts it. */
export function tally(world: World, name: string, more: Readonly<Record<string, unknown>> = {}): void {
  world.counts.set(name, (world.counts.get(name) ?? 0) + 1);
  world.journal.note(name, more);
}

/** Notes what must never happen; the soak then ends badly. */
export function breakRule(world: World, sentence: string): void {
  world.broken.push(sentence);
  world.journal.note('broken', { sentence });
}
