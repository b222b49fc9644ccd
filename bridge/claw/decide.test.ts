import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Workload } from '../../workflows/contracts/workload.ts';
import { testWorkload } from '../testing/workload.ts';
import { decide } from './decide.ts';
import { factOf } from './fact.ts';
import { type ClawEvent, reduce } from './reduce.ts';
import { type ClawState, DEFAULT_TIMINGS, newClaw, type RunningProcess } from './state.ts';

const START = 1_700_000_000_000;

function started(workload: Workload, at = START): RunningProcess {
  const { processHash, filesHash, restartGeneration, resources } = workload;
  return { keeper: { pid: 10, start: 'boot:1' }, pid: 11, startedAt: at, processHash, filesHash, restartGeneration, resources, oomKillsBefore: 0 };
}

function fold(state: ClawState, ...events: readonly (ClawEvent & { readonly at?: number })[]): ClawState {
  return events.reduce((now, event) => reduce(now, event, event.at ?? START), state);
}

const launched = (workload: Workload, at = START): ClawEvent => ({ type: 'launched', process: started(workload, at), diskHash: workload.filesHash });
const exited = (status = { code: 1 as number | null, signal: null as string | null, outOfMemory: false }): ClawEvent => ({ type: 'exited', status });
const probed = (live: boolean, ready: boolean): ClawEvent => ({ type: 'probed', live, ready });

function running(workload = testWorkload()): ClawState {
  return fold(newClaw(workload), { type: 'preparing' }, { type: 'prepared' }, launched(workload), probed(true, true));
}

describe('a claw that is wanted', () => {
  test('is prepared, then launched, then left alone', () => {
    const fresh = newClaw(testWorkload());
    expect(decide(fresh, START)).toEqual({ do: 'prepare' });
    const preparing = fold(fresh, { type: 'preparing' });
    expect(decide(preparing, START)).toEqual({ do: 'wait', until: null });
    expect(decide(fold(preparing, { type: 'prepared' }), START)).toEqual({ do: 'launch' });
    expect(decide(running(), START)).toEqual({ do: 'wait', until: null });
  });

  test('is reported only after something was done for it', () => {
    expect(factOf(newClaw(testWorkload()))).toBeNull();
    expect(factOf(running())).toMatchObject({ phase: 'running', ready: true, generation: 1, pid: 11 });
  });

  test('is started again after a crash with waits that double up to five minutes', () => {
    let state = running();
    const waits: number[] = [];
    for (let crash = 0; crash < 12; crash += 1) {
      state = fold(state, exited());
      const action = decide(state, START);
      waits.push(action.do === 'wait' ? Number(action.until) - START : -1);
      expect(decide(state, Number(state.notBefore))).toEqual({ do: 'launch' });
      state = fold(state, launched(state.workload));
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 300000, 300000, 300000]);
    expect(state.restarts).toBe(12);
  });

  test('starts its back-off anew after it ran for a while', () => {
    const crashed = fold(running(), exited(), launched(testWorkload()), exited());
    expect(crashed.crashes).toBe(2);
    const stable = fold(crashed, launched(testWorkload()), { ...exited(), at: START + DEFAULT_TIMINGS.stableAfter });
    expect(stable.crashes).toBe(1);
  });

  test('tells why it ended until it answers again', () => {
    const crashed = fold(running(), exited());
    expect(factOf(crashed)).toMatchObject({
      phase: 'backing-off',
      exitCode: 1,
      error: { code: 'PROCESS_EXITED' },
      nextStartAt: new Date(START + 1000).toISOString(),
    });
    const back = fold(crashed, launched(testWorkload()));
    expect(factOf(back)).toMatchObject({ phase: 'starting', restarts: 1, error: { code: 'PROCESS_EXITED' } });
    expect(factOf(fold(back, probed(true, true)))).toMatchObject({ phase: 'running', error: null });
  });

  test('is said to have run out of memory when the kernel ended it for that', () => {
    const state = fold(running(), exited({ code: null, signal: 'SIGKILL', outOfMemory: true }));
    expect(state.error).toMatchObject({ code: 'OUT_OF_MEMORY', message: expect.stringContaining('256 MiB') });
  });

  test('is restarted when it stops answering, and that counts as a crash', () => {
    let state = running();
    for (let failure = 1; failure < DEFAULT_TIMINGS.liveFailuresAllowed; failure += 1) state = fold(state, probed(false, false));
    expect(decide(state, START)).toEqual({ do: 'wait', until: null });
    state = fold(state, probed(false, false));
    expect(decide(state, START)).toMatchObject({ do: 'stop', crashed: true });
    state = fold(state, { type: 'stopping', deadline: START + 1, killed: false, crashed: true }, exited());
    expect(state).toMatchObject({ phase: 'backing-off', restartPending: true, error: { code: 'GATEWAY_UNAVAILABLE' } });
  });

  test('gets as long to start as its probes allow', () => {
    const patient = testWorkload({ probes: { live: { type: 'runtime' }, ready: { type: 'runtime', withinSeconds: 600 } } });
    const starting = fold(newClaw(patient), launched(patient));
    expect(decide(starting, START + 599_000)).toEqual({ do: 'wait', until: START + 600_000 });
    expect(decide(starting, START + 600_000)).toMatchObject({ do: 'stop', crashed: true });
  });

  test('is tried again soon when its folder is in the way, at once when somebody asks', () => {
    const blocked = fold(
      newClaw(testWorkload()),
      { type: 'prepared' },
      { type: 'failed', during: 'other', error: { code: 'VOLUME_UNAVAILABLE', message: 'no' } },
    );
    expect(factOf(blocked)).toMatchObject({ phase: 'blocked', error: { code: 'VOLUME_UNAVAILABLE' } });
    expect(decide(blocked, START)).toEqual({ do: 'wait', until: START + 1000 });
    const asked = fold(blocked, { type: 'desired', workload: testWorkload() });
    expect(decide(asked, START)).toEqual({ do: 'launch' });
    expect(factOf(asked)).toBeNull();
  });

  test('is prepared again when its version is gone from the host', () => {
    const gone = fold(newClaw(testWorkload()), { type: 'prepared' }, { type: 'failed', during: 'other', error: { code: 'IMAGE_PULL_FAILED', message: 'no' } });
    expect(decide(gone, START + 60_000)).toEqual({ do: 'prepare' });
  });
});

describe('a change of what is wanted', () => {
  test('of the files alone is written in place, and reported when it is written', () => {
    const changed = testWorkload({ generation: 2, filesHash: 'sha256:other' });
    const state = fold(running(), { type: 'desired', workload: changed });
    expect(decide(state, START)).toEqual({ do: 'refresh' });
    expect(factOf(state)).toMatchObject({ generation: 1, ready: true });
    const written = fold(state, { type: 'refreshed', workload: changed, diskHash: 'sha256:other' });
    expect(factOf(written)).toMatchObject({ generation: 2, ready: true, filesHash: 'sha256:other', pid: 11 });
    expect(decide(written, START)).toEqual({ do: 'wait', until: null });
  });

  test('of the files of a claw that reads them only at its start brings a new process', () => {
    const state = fold(running(testWorkload({ reload: 'restart' })), {
      type: 'desired',
      workload: testWorkload({ generation: 2, reload: 'restart', filesHash: 'sha256:other' }),
    });
    expect(decide(state, START)).toMatchObject({ do: 'stop', crashed: false });
  });

  test('of the process is never reported as ready while the old process runs', () => {
    for (const change of [{ processHash: 'sha256:other' }, { restartGeneration: 2 }]) {
      const state = fold(running(), { type: 'desired', workload: testWorkload({ generation: 2, ...change }) });
      expect(decide(state, START)).toMatchObject({ do: 'stop', crashed: false });
      expect(factOf(fold(state, probed(true, true)))).toMatchObject({ generation: 2, ready: false, phase: 'stopping' });
      const ended = fold(state, { type: 'stopping', deadline: START + 1, killed: false, crashed: false }, exited());
      expect(decide(ended, START)).toEqual({ do: 'launch' });
      expect(fold(ended, launched(state.workload)).restarts).toBe(0);
    }
  });

  test('of limits alone is applied in place', () => {
    const state = fold(running(), { type: 'desired', workload: testWorkload({ generation: 2, resources: { cpuMillis: 500, memoryBytes: 2 ** 27 } }) });
    expect(decide(state, START)).toEqual({ do: 'refresh' });
  });

  test('of nothing that the process sees is reported at once', () => {
    expect(factOf(fold(running(), { type: 'desired', workload: testWorkload({ generation: 2 }) }))).toMatchObject({ generation: 2, ready: true });
  });

  test('back to what runs takes back a change that could not be written', () => {
    const changed = fold(running(), { type: 'desired', workload: testWorkload({ generation: 2, filesHash: 'sha256:other' }) });
    const blocked = fold(changed, { type: 'failed', during: 'other', error: { code: 'VOLUME_UNAVAILABLE', message: 'no' } });
    expect(factOf(blocked)).toMatchObject({ phase: 'blocked', generation: 2, pid: 11 });
    expect(factOf(fold(blocked, { type: 'desired', workload: testWorkload({ generation: 3 }) }))).toMatchObject({
      phase: 'running',
      generation: 3,
      error: null,
    });
  });

  test('to an older generation changes nothing', () => {
    const state = running(testWorkload({ generation: 5 }));
    expect(fold(state, { type: 'desired', workload: testWorkload({ generation: 4, desired: 'removed' }) })).toBe(state);
  });

  test('of changed files by hand is put right by the same wish', () => {
    const drifted = fold(running(), { type: 'disk', hash: 'sha256:by-hand' });
    expect(decide(drifted, START)).toEqual({ do: 'wait', until: null });
    expect(decide(fold(drifted, { type: 'desired', workload: testWorkload() }), START)).toEqual({ do: 'refresh' });
  });
});

describe('a claw that is not wanted', () => {
  const stop = testWorkload({ generation: 2, desired: 'stopped' });

  test('is asked to end, waited for, and killed after its grace', () => {
    const state = fold(running(), { type: 'desired', workload: stop });
    expect(decide(state, START)).toEqual({ do: 'stop', signal: 'SIGTERM', graceMs: 10_000, crashed: false });
    const stopping = fold(state, { type: 'stopping', deadline: START + 10_000, killed: false, crashed: false });
    expect(decide(stopping, START)).toEqual({ do: 'wait', until: START + 10_000 });
    expect(decide(stopping, START + 10_000)).toEqual({ do: 'kill' });
  });

  test('is killed without waiting when that is wanted, also while it drains', () => {
    const killed = { ...stop, generation: 3, kill: true };
    expect(decide(fold(running(), { type: 'desired', workload: killed }), START)).toEqual({ do: 'kill' });
    const draining = fold(running(), { type: 'desired', workload: stop }, { type: 'stopping', deadline: START + 10_000, killed: false, crashed: false });
    expect(decide(fold(draining, { type: 'desired', workload: killed }), START)).toEqual({ do: 'kill' });
  });

  test('is killed again when it lives on, as when the daemon ended between noting the kill and doing it', () => {
    const killed = fold(running(), { type: 'desired', workload: { ...stop, kill: true } }, { type: 'stopping', deadline: START, killed: true, crashed: false });
    expect(decide(killed, START)).toEqual({ do: 'wait', until: START + 5_000 });
    expect(decide(killed, START + 5_000)).toEqual({ do: 'kill' });
  });

  test('is not started again after it ended', () => {
    const ended = fold(running(), { type: 'desired', workload: stop }, { type: 'stopping', deadline: START, killed: false, crashed: false }, exited());
    expect(factOf(ended)).toMatchObject({ phase: 'stopped', generation: 2, pid: null, error: null });
    expect(decide(ended, START + 3_600_000)).toEqual({ do: 'wait', until: null });
  });

  test('ends the back-off of one that crashed', () => {
    const state = fold(running(), exited(), { type: 'desired', workload: stop });
    expect(decide(state, START)).toEqual({ do: 'clear' });
    expect(factOf(fold(state, { type: 'cleared' }))).toMatchObject({ phase: 'stopped', generation: 2 });
  });

  test('is stopped by the same generation too, as an open circuit does', () => {
    const state = fold(running(), exited(), { type: 'desired', workload: testWorkload({ desired: 'stopped' }) });
    expect(decide(state, START)).toEqual({ do: 'clear' });
  });

  test('does not wait for an installation when it is removed', () => {
    const state = fold(newClaw(testWorkload()), { type: 'preparing' }, { type: 'desired', workload: testWorkload({ generation: 2, desired: 'removed' }) });
    expect(decide(state, START)).toEqual({ do: 'remove' });
    const removed = fold(state, { type: 'removed' }, { type: 'failed', during: 'prepare', error: { code: 'IMAGE_PULL_FAILED', message: 'no' } });
    expect(factOf(removed)).toMatchObject({ phase: 'removed', generation: 2 });
    expect(decide(removed, START)).toEqual({ do: 'wait', until: null });
  });
});

const events: fc.Arbitrary<ClawEvent> = fc.oneof(
  fc
    .record({
      desired: fc.constantFrom('running' as const, 'stopped' as const, 'removed' as const),
      kill: fc.boolean(),
      generation: fc.integer({ min: 1, max: 9 }),
      processHash: fc.constantFrom('a', 'b'),
    })
    .map((change): ClawEvent => ({ type: 'desired', workload: testWorkload(change) })),
  fc.record({ live: fc.boolean(), ready: fc.boolean() }).map(({ live, ready }) => probed(live, ready)),
  fc.constant(exited()),
);

test('whatever happens, following the decisions ends in what is wanted', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 25 }), (happened) => {
      let state = newClaw(testWorkload());
      let now = START;
      const follow = (): boolean => {
        const action = decide(state, now);
        if (action.do === 'wait' && action.until === null) return false;
        if (action.do === 'wait') now = Number(action.until);
        else state = reduce(state, effectOf(action.do, state, now), now);
        return true;
      };
      for (const event of happened) {
        if (event.type === 'exited' && !state.process) continue;
        state = reduce(state, event, now);
        follow();
      }
      for (let step = 0; step < 40; step += 1) {
        if (state.process && !state.stopping) state = reduce(state, probed(true, true), now);
        if (!follow() && !state.stopping) break;
        if (state.stopping?.killed) state = reduce(state, exited(), now);
      }
      expect(factOf(state)).toMatchObject({ phase: state.workload.desired, generation: state.workload.generation });
      if (state.process) expect(state.process.processHash).toBe(state.workload.processHash);
    }),
  );
});

/** What each action brings when nothing goes wrong. */
function effectOf(action: Exclude<ReturnType<typeof decide>['do'], 'wait'>, state: ClawState, now: number): ClawEvent {
  const { workload } = state;
  const outcomes: Record<typeof action, ClawEvent> = {
    prepare: { type: 'prepared' },
    launch: launched(workload, now),
    refresh: { type: 'refreshed', workload, diskHash: workload.filesHash },
    stop: { type: 'stopping', deadline: now + 1000, killed: false, crashed: false },
    kill: { type: 'stopping', deadline: now, killed: true, crashed: false },
    clear: { type: 'cleared' },
    remove: { type: 'removed' },
  };
  return outcomes[action];
}
