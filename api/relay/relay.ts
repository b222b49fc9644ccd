import type { Logger } from '../../activities/platform/logger.ts';
import { Failure, isFailure } from '../../workflows/contracts/failures.ts';
import type { CommandRow, EventRow, OutboxStore } from './outbox-store.ts';

/** Where commands and events go. */
export interface RelayTargets {
  /** Gives a command to the workflow it is for. Throws ILLEGAL_TRANSITION when that is closed for ever; anything else is tried again. */
  deliver(command: CommandRow): Promise<void>;
  /** Tells listeners; never fails. */
  publish(events: readonly EventRow[]): void;
}

export interface RelayOptions {
  readonly store: OutboxStore;
  readonly targets: RelayTargets;
  readonly logger: Logger;
  /** Instances and providers served at the same time. */
  readonly parallel?: number;
  /** First and longest pause after a command could not be delivered. */
  readonly pauseMilliseconds?: { readonly first: number; readonly longest: number };
}

const BATCH = 200;
const EVENT_BATCH = 500;

/**
 * Carries the outbox out: commands in order per key and many keys in parallel, at least once; events in order. It works
 * only between `start` and `stop`, that is while this process leads.
 */
export class Relay {
  readonly #store: OutboxStore;
  readonly #targets: RelayTargets;
  readonly #logger: Logger;
  readonly #parallel: number;
  readonly #pauses: { readonly first: number; readonly longest: number };
  readonly #serving = new Map<string, Promise<void>>();
  #running = false;
  #pumping = false;
  #again = false;
  #pause = 0;
  #pauseTimer: NodeJS.Timeout | undefined;

  constructor({ store, targets, logger, parallel = 32, pauseMilliseconds = { first: 250, longest: 5000 } }: RelayOptions) {
    this.#store = store;
    this.#targets = targets;
    this.#logger = logger;
    this.#parallel = parallel;
    this.#pauses = pauseMilliseconds;
  }

  start(): void {
    this.#running = true;
    this.wake();
  }

  /** Takes nothing new and waits for what is on its way. */
  async stop(): Promise<void> {
    this.#running = false;
    clearTimeout(this.#pauseTimer);
    this.#pauseTimer = undefined;
    await Promise.all(this.#serving.values());
  }

  /** Something may be pending. */
  wake(): void {
    this.#again = true;
    if (this.#running && !this.#pumping) void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      while (this.#running && this.#again) {
        this.#again = false;
        await this.#publishEvents();
        if (!this.#pauseTimer) await this.#takeCommands();
      }
    } catch (error) {
      this.#logger.warn({ reason: (error as Error).message }, 'the outbox could not be read');
      this.#backOff();
    } finally {
      this.#pumping = false;
    }
  }

  async #publishEvents(): Promise<void> {
    for (;;) {
      const events = await this.#store.pendingEvents(EVENT_BATCH);
      if (events.length === 0) return;
      this.#targets.publish(events);
      await this.#store.markDelivered(events.map((event) => event.seq));
      if (events.length < EVENT_BATCH) return;
    }
  }

  async #takeCommands(): Promise<void> {
    const free = this.#parallel - this.#serving.size;
    if (free <= 0) return;
    const byKey = new Map<string, CommandRow[]>();
    for (const row of await this.#store.pendingCommands(BATCH, [...this.#serving.keys()])) {
      byKey.set(row.key, [...(byKey.get(row.key) ?? []), row]);
    }
    for (const [key, commands] of [...byKey].slice(0, free)) {
      this.#serving.set(key, this.#serve(key, commands));
    }
  }

  /** The commands of one key, one after the other: a later one never overtakes. */
  async #serve(key: string, commands: readonly CommandRow[]): Promise<void> {
    try {
      for (const command of commands) {
        if (!this.#running) return;
        await this.#deliver(command);
      }
      this.#pause = 0;
    } catch (error) {
      this.#logger.warn({ key, reason: (error as Error).message }, 'a command could not be delivered yet');
      this.#backOff();
    } finally {
      this.#serving.delete(key);
      this.wake();
    }
  }

  async #deliver(command: CommandRow): Promise<void> {
    try {
      await this.#targets.deliver(command);
    } catch (error) {
      if (!isFailure(error) || error.code !== 'ILLEGAL_TRANSITION') throw error;
      return this.#store.refuse(command, new Failure('ILLEGAL_TRANSITION', error.message));
    }
    await this.#store.markDelivered([command.seq]);
  }

  #backOff(): void {
    if (!this.#running || this.#pauseTimer) return;
    this.#pause = Math.min(this.#pauses.longest, Math.max(this.#pauses.first, this.#pause * 2));
    this.#pauseTimer = setTimeout(() => {
      this.#pauseTimer = undefined;
      this.wake();
    }, this.#pause);
  }
}
