import pino from 'pino';
import { expect, it } from 'vitest';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { CommandRow, EventRow, OutboxStore } from './outbox-store.ts';
import { Relay } from './relay.ts';

const logger = pino({ level: 'silent' });

function command(seq: number, key: string): CommandRow {
  return { seq: String(seq), tenantId: 't', key, payload: { operationId: `op${seq}`, seq, kind: 'start', generation: seq, params: {} } };
}

/** An outbox in memory: a party with the behaviour of the table, so that order and failures can be chosen. */
function outbox(rows: CommandRow[], events: EventRow[] = []) {
  const pending = new Map(rows.map((row) => [row.seq, row]));
  const told = [...events];
  const refused: string[] = [];
  const store: OutboxStore = {
    pendingCommands: async (limit, without) => [...pending.values()].filter((row) => !without.includes(row.key)).slice(0, limit),
    pendingEvents: async (limit) => told.slice(0, limit),
    markDelivered: async (seqs) => {
      for (const seq of seqs) pending.delete(seq);
      for (const seq of seqs) {
        const index = told.findIndex((event) => event.seq === seq);
        if (index >= 0) told.splice(index, 1);
      }
    },
    refuse: async (row) => {
      refused.push(row.seq);
      pending.delete(row.seq);
    },
    prune: async () => 0,
    lag: async () => ({ pending: pending.size, oldestSeconds: 0 }),
  };
  return { store, pending, refused };
}

const fast = { first: 1, longest: 4 };

it('delivers the commands of one key in order, never the next before the one before is done', async () => {
  const { store, pending } = outbox([1, 2, 3, 4].map((seq) => command(seq, 'ins_a')));
  const log: string[] = [];
  const relay = new Relay({
    store,
    logger,
    targets: {
      publish: () => undefined,
      deliver: async ({ seq }) => {
        log.push(`begin ${seq}`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`end ${seq}`);
      },
    },
  });
  relay.start();
  await expect.poll(() => pending.size).toBe(0);
  await relay.stop();
  expect(log).toEqual([1, 2, 3, 4].flatMap((seq) => [`begin ${seq}`, `end ${seq}`]));
});

it('serves many keys at the same time, and no key waits for a slow one', async () => {
  const { store, pending } = outbox([command(1, 'slow'), command(2, 'a'), command(3, 'b'), command(4, 'a')]);
  const { promise: held, resolve: release } = Promise.withResolvers<undefined>();
  const relay = new Relay({ store, logger, targets: { publish: () => undefined, deliver: ({ key }) => (key === 'slow' ? held : Promise.resolve()) } });
  relay.start();
  await expect.poll(() => [...pending.keys()]).toEqual(['1']);
  release(undefined);
  await expect.poll(() => pending.size).toBe(0);
  await relay.stop();
});

it('keeps a command that could not be delivered, and those behind it, until it can', async () => {
  const { store, pending } = outbox([command(1, 'ins_a'), command(2, 'ins_a')]);
  const delivered: string[] = [];
  let attempts = 0;
  const relay = new Relay({
    store,
    logger,
    pauseMilliseconds: fast,
    targets: {
      publish: () => undefined,
      deliver: async ({ seq }) => {
        attempts += 1;
        if (attempts < 4) throw new Error('the engine is away');
        delivered.push(seq);
      },
    },
  });
  relay.start();
  await expect.poll(() => pending.size).toBe(0);
  await relay.stop();
  expect(delivered).toEqual(['1', '2']);
});

it('refuses a command whose entity has ended and goes on with the others', async () => {
  const { store, pending, refused } = outbox([command(1, 'gone'), command(2, 'ins_a')]);
  const relay = new Relay({
    store,
    logger,
    targets: {
      publish: () => undefined,
      deliver: async ({ key }) => {
        if (key === 'gone') throw new Failure('ILLEGAL_TRANSITION', 'The instance has been destroyed.');
      },
    },
  });
  relay.start();
  await expect.poll(() => pending.size).toBe(0);
  await relay.stop();
  expect(refused).toEqual(['1']);
});

it('tells events in order while commands cannot be delivered', async () => {
  const events: EventRow[] = [1, 2, 3].map((seq) => ({ seq: String(seq), tenantId: 't', key: 'k', payload: {} }));
  const { store } = outbox([command(9, 'ins_a')], events);
  const told: string[] = [];
  const relay = new Relay({
    store,
    logger,
    pauseMilliseconds: fast,
    targets: { publish: (some) => told.push(...some.map((event) => event.seq)), deliver: () => Promise.reject(new Error('away')) },
  });
  relay.start();
  await expect.poll(() => told).toEqual(['1', '2', '3']);
  await relay.stop();
});

it('takes nothing new once it was stopped', async () => {
  const { store, pending } = outbox([command(1, 'ins_a')]);
  const relay = new Relay({ store, logger, targets: { publish: () => undefined, deliver: async () => undefined } });
  relay.start();
  await expect.poll(() => pending.size).toBe(0);
  await relay.stop();
  pending.set('2', command(2, 'ins_a'));
  relay.wake();
  await new Promise((resolve) => setImmediate(resolve));
  expect(pending.size).toBe(1);
});
