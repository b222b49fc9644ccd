import type pg from 'pg';
import type { Logger } from '../../activities/platform/logger.ts';
import { AdvisoryLock, seekLeadership } from './leadership.ts';
import { createOutboxStore, type RelayLag } from './outbox-store.ts';
import { Relay, type RelayTargets } from './relay.ts';
import type { Wakeups } from './wakeups.ts';

export interface RunningRelay {
  lag(): Promise<RelayLag>;
  /** Whether this process is the one that delivers. */
  readonly leading: boolean;
  close(): Promise<void>;
}

export interface StartRelayOptions {
  readonly systemUrl: string;
  readonly systemPool: pg.Pool;
  readonly wakeups: Wakeups;
  readonly targets: RelayTargets;
  readonly logger: Logger;
}

const PRUNE_EVERY_MS = 10 * 60_000;
const KEEP_DELIVERED_SECONDS = 24 * 3600;

/** Starts the relay of this process; it works while it leads and waits its turn otherwise. */
export function startRelay({ systemUrl, systemPool, wakeups, targets, logger }: StartRelayOptions): RunningRelay {
  const store = createOutboxStore(systemPool);
  const relay = new Relay({ store, targets, logger });
  let leading = false;
  const leadership = seekLeadership({
    url: systemUrl,
    lock: AdvisoryLock.relay,
    logger,
    onChange: (next) => {
      leading = next;
      logger.info(next ? 'the relay of this process delivers' : 'the relay of this process rests');
      if (next) relay.start();
      else void relay.stop();
    },
  });
  const unsubscribe = wakeups.subscribe(() => relay.wake());
  const pruning = setInterval(() => {
    if (leading) store.prune(KEEP_DELIVERED_SECONDS).catch((error: Error) => logger.warn({ reason: error.message }, 'old outbox rows could not be removed'));
  }, PRUNE_EVERY_MS);
  return {
    lag: () => store.lag(),
    get leading() {
      return leading;
    },
    close: async () => {
      clearInterval(pruning);
      unsubscribe();
      await relay.stop();
      await leadership.close();
    },
  };
}
