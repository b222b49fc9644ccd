import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Fleet, instanceInPhase, type Operation, operationEnd, startFleet } from '../testing/fleet.ts';
import { createEcho, destroy, registerEcho } from './echo-claw.ts';
import { type HeldTable, type HoldFrom, holdTable } from './row-lock.ts';
import { survey } from './survey.ts';

/** Brings create into the middle of a step and answers how to let it go on. */
interface Hold {
  readonly step: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Called with the worker frozen: before the first step. */
  prepare?(fleet: Fleet): Promise<Held>;
  /** Called with the worker at work; resolves in the middle of the step. */
  reach?(fleet: Fleet, operation: Operation): Promise<Held | null>;
}

interface Held {
  reached(operation: Operation): Promise<unknown>;
  release(): Promise<void>;
}

const SLOW_START = { startDelayMs: 3000 } as const;

/** Sees the step under way in the record itself: the quick ones are over before an HTTP request would be. */
function underWay(fleet: Fleet, operation: Operation, step: string): Promise<unknown> {
  return eventually(`${step} is under way`, 60, async () => {
    const { rows } = await fleet.database.query<{ state: string }>(
      "SELECT step->>'state' AS state FROM operation, jsonb_array_elements(steps) step WHERE id = $1 AND step->>'name' = $2",
      [operation.id, step],
    );
    return rows[0] !== undefined && rows[0].state !== 'pending';
  });
}

const byTable = (step: string, table: string, from: HoldFrom = 'writers'): Hold => ({
  step,
  prepare: async (fleet) => {
    const held = await holdTable(fleet, table, from);
    return { reached: held.waitForVictim, release: held.release };
  },
});

/** A part that is frozen answers nobody; the step that needs it stays open. */
const byFrozenPart = (step: string, part: string): Hold => ({
  step,
  prepare: async (fleet) => {
    await fleet.platform.part(part).kill('SIGSTOP');
    return { reached: (operation) => underWay(fleet, operation, step), release: () => fleet.platform.part(part).kill('SIGCONT') };
  },
});

const bySlowClaw = (step: string): Hold => ({ step, settings: SLOW_START, reach: (fleet, operation) => underWay(fleet, operation, step).then(() => null) });

/** The key table is needed twice; held only after the first time, while a step in between cannot go on. */
const delivery: Hold = {
  step: 'deliver-model-key',
  prepare: async (fleet) => {
    await fleet.platform.part('bridge').kill('SIGSTOP');
    let held: HeldTable | undefined;
    return {
      reached: async (operation) => {
        await underWay(fleet, operation, 'prepare-runtime');
        held = await holdTable(fleet, 'model_key');
        await fleet.platform.part('bridge').kill('SIGCONT');
        await held.waitForVictim();
      },
      release: async () => {
        await fleet.platform.part('bridge').kill('SIGCONT');
        await held?.release();
      },
    };
  },
};

const HOLDS: readonly Hold[] = [
  byTable('reserve', 'host_slot'),
  byTable('issue-model-key', 'model_key'),
  byFrozenPart('prepare-runtime', 'bridge'),
  byTable('render-config', 'provider', 'everybody'),
  byTable('apply-workload', 'workload'),
  bySlowClaw('await-process'),
  bySlowClaw('await-ready'),
  bySlowClaw('verify-config'),
  delivery,
  byFrozenPart('probe-model', 'litellm'),
];

describe('a worker that is killed in the middle of create', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet();
    await registerEcho(fleet);
  });
  afterAll(() => fleet?.close());

  test.each(HOLDS)('at $step loses nothing, does nothing twice and spends no attempt', async ({ step, settings, prepare, reach }) => {
    const worker = fleet.platform.part('worker');
    // Frozen while the request is accepted, so that the hold is in place before the first step.
    await worker.kill('SIGSTOP');
    const { instance, operation } = await createEcho(fleet, `killed-${step}`, settings);
    const prepared = await prepare?.(fleet);
    let reached: Held | null | undefined;
    try {
      await worker.kill('SIGCONT');
      await prepared?.reached(operation);
      reached = await reach?.(fleet, operation);
      await worker.kill('SIGKILL');
    } finally {
      await prepared?.release();
      await reached?.release();
    }
    const end = await operationEnd(fleet, operation.id);
    expect(end.state).toBe('succeeded');
    expect(end.steps.filter((candidate) => candidate.attempt > 1)).toEqual([]);
    const running = await instanceInPhase(fleet, instance.id, 'Running');
    expect(running.status.restarts).toBe(0);
    expect(await survey(fleet)).toEqual([]);
    expect((await destroy(fleet, instance.id)).state).toBe('succeeded');
    expect(await survey(fleet)).toEqual([]);
  });
});
