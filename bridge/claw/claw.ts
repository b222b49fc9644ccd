import type { Workload } from '../../workflows/contracts/workload.ts';
import type { Log } from '../log.ts';
import { type Action, decide } from './decide.ts';
import type { ClawEffects } from './effects.ts';
import { type FactDraft, factOf } from './fact.ts';
import { clawError } from './failure.ts';
import { type ClawEvent, reduce } from './reduce.ts';
import type { ClawState, Timings } from './state.ts';

/** How often a claw is looked at, in milliseconds. */
const EXIT_POLL = 500;
const PROBE_WHILE_STARTING = 250;
const PROBE_WHEN_READY = 2_000;
const HOUSEKEEPING = 10_000;
const AFTER_TROUBLE = 1_000;

export interface ClawDeps {
  readonly effects: ClawEffects;
  readonly timings: Timings;
  readonly log: Log;
  /** Keeps the state on disk; called before what it tells of becomes irrevocable. */
  save(state: ClawState): void;
  report(fact: FactDraft): void;
  now(): number;
}

/** The supervision of one claw: one thing at a time, in an order that `decide` alone determines. */
export interface Claw {
  readonly state: ClawState;
  /** Takes a new wish, or the same one again, which then is answered with a fact in any case. */
  desire(workload: Workload): void;
  /** Begins or resumes supervision. */
  start(): void;
  /** Stops looking; the process, if any, lives on. */
  detach(): void;
  /** Ends the process whatever is wanted, with at most this grace; what is wanted stays recorded. */
  halt(graceMilliseconds: number): Promise<void>;
}

export function createClaw(initial: ClawState, deps: ClawDeps): Claw {
  const { effects, log } = deps;
  let state = initial;
  let saved = '';
  let reported = '';
  let working: Promise<void> | null = null;
  let again = false;
  let detached = true;
  let quiet = false;
  let wakeTimer: NodeJS.Timeout | undefined;
  let probeTimer: NodeJS.Timeout | undefined;
  let lastHousekeeping = 0;

  const dispatch = (event: ClawEvent): void => {
    state = reduce(state, event, deps.now(), deps.timings);
    keep();
    if (!quiet) tell();
  };

  const keep = (): void => {
    const snapshot = { ...state, preparing: false, prepared: false, liveFailures: 0 };
    const text = JSON.stringify(snapshot);
    if (text === saved) return;
    saved = text;
    deps.save(snapshot);
  };

  const tell = (): void => {
    const fact = factOf(state);
    const text = JSON.stringify(fact);
    if (fact === null || text === reported) return;
    reported = text;
    deps.report(fact);
  };

  const wake = (): void => {
    if (detached) return;
    if (working) {
      again = true;
      return;
    }
    working = work()
      .catch((error: unknown) => log.error({ err: error, instanceId: state.workload.instanceId }, 'supervision of a claw failed'))
      .finally(() => {
        working = null;
        if (again) {
          again = false;
          wake();
        }
      });
  };

  const work = async (): Promise<void> => {
    clearTimeout(wakeTimer);
    for (;;) {
      if (detached) return;
      again = false;
      if (state.process && !effects.isAlive(state.process)) {
        if (!(await noteExit())) return wakeAt(deps.now() + AFTER_TROUBLE);
        continue;
      }
      housekeep();
      const action = decide(state, deps.now(), deps.timings);
      if (action.do !== 'wait') {
        await perform(action);
        continue;
      }
      wakeAt(Math.min(action.until ?? Number.POSITIVE_INFINITY, state.process ? deps.now() + EXIT_POLL : Number.POSITIVE_INFINITY));
      return;
    }
  };

  const wakeAt = (when: number): void => {
    clearTimeout(wakeTimer);
    // A timer that fires a little early would find nothing to do.
    if (Number.isFinite(when)) wakeTimer = setTimeout(wake, Math.max(1, when - deps.now() + 1));
  };

  const noteExit = async (): Promise<boolean> => {
    if (!state.process) return true;
    try {
      const status = await effects.exitOf(state.workload, state.process);
      dispatch({ type: 'exited', status });
      return true;
    } catch (error) {
      dispatch({ type: 'failed', error: clawError(error), during: 'other' });
      return false;
    }
  };

  const perform = async (action: Exclude<Action, { do: 'wait' }>): Promise<void> => {
    try {
      await performOrThrow(action);
    } catch (error) {
      const problem = clawError(error);
      log.warn({ instanceId: state.workload.instanceId, slug: state.workload.slug, action: action.do, problem }, 'a step of a claw failed');
      // A claw that was recorded before the failure is judged by its exit.
      if (action.do !== 'launch' || !state.process) dispatch({ type: 'failed', error: problem, during: 'other' });
    }
  };

  const performOrThrow = async (action: Exclude<Action, { do: 'wait' }>): Promise<void> => {
    const { workload, process } = state;
    switch (action.do) {
      case 'prepare':
        prepare(workload);
        return;
      case 'launch':
        return launch(workload);
      case 'refresh':
        if (process) dispatch({ type: 'refreshed', workload, diskHash: await effects.refresh(workload, process) });
        return;
      case 'stop':
        dispatch({ type: 'stopping', deadline: deps.now() + action.graceMs, killed: false, crashed: action.crashed });
        if (process) await effects.stop(workload, process, action.signal);
        return;
      case 'kill':
        dispatch({ type: 'stopping', deadline: deps.now(), killed: true, crashed: state.stopping?.crashed ?? false });
        return effects.kill(workload, process);
      case 'clear':
        await effects.kill(workload, null);
        return dispatch({ type: 'cleared' });
      case 'remove':
        await effects.remove(workload);
        return dispatch({ type: 'removed' });
    }
  };

  /** Runs beside everything else, so that a long installation does not hold up a stop. */
  const prepare = (workload: Workload): void => {
    dispatch({ type: 'preparing' });
    effects.prepare(workload).then(
      () => {
        dispatch({ type: 'prepared' });
        wake();
      },
      (error: unknown) => {
        dispatch({ type: 'failed', error: clawError(error, 'IMAGE_PULL_FAILED'), during: 'prepare' });
        wake();
      },
    );
  };

  const launch = async (workload: Workload): Promise<void> => {
    quiet = true;
    try {
      await effects.launch(workload, (launched) => dispatch({ type: 'launched', ...launched }), wake);
      const pid = state.process ? effects.pidOf(state.process) : null;
      if (pid !== null) dispatch({ type: 'pid', pid });
    } finally {
      quiet = false;
      tell();
    }
    scheduleProbe(PROBE_WHILE_STARTING);
  };

  const scheduleProbe = (delay: number): void => {
    clearTimeout(probeTimer);
    if (!detached) probeTimer = setTimeout(() => void probeOnce(), delay);
  };

  const probeOnce = async (): Promise<void> => {
    const { process, workload } = state;
    if (!process || detached) return;
    const answer = await effects.probe(workload).catch(() => ({ live: false, ready: false }));
    // Its answer counts only for the process that was asked.
    if (state.process?.keeper.pid !== process.keeper.pid || !effects.isAlive(process)) return;
    if (state.process.pid === null) notePid();
    dispatch({ type: 'probed', ...answer });
    wake();
    scheduleProbe(state.ready ? PROBE_WHEN_READY : PROBE_WHILE_STARTING);
  };

  const notePid = (): void => {
    const pid = state.process ? effects.pidOf(state.process) : null;
    if (pid !== null) dispatch({ type: 'pid', pid });
  };

  const housekeep = (): void => {
    if (!state.process || deps.now() - lastHousekeeping < HOUSEKEEPING) return;
    lastHousekeeping = deps.now();
    try {
      effects.rotateLog(state.workload);
      noteDisk();
    } catch (error) {
      log.warn({ instanceId: state.workload.instanceId, problem: clawError(error) }, 'log or files of a claw could not be looked at');
    }
  };

  const noteDisk = (): void => {
    const hash = effects.diskHash(state.workload);
    if (hash !== state.diskHash) dispatch({ type: 'disk', hash });
  };

  return {
    get state() {
      return state;
    },
    desire: (workload) => {
      lastHousekeeping = 0;
      housekeep();
      reported = '';
      dispatch({ type: 'desired', workload });
      wake();
    },
    start: () => {
      detached = false;
      keep();
      const alive = state.process !== null && effects.isAlive(state.process);
      if (alive) scheduleProbe(1);
      // What was reported before may have been lost with the former daemon.
      if (alive || !state.process) tell();
      wake();
    },
    detach: () => {
      detached = true;
      clearTimeout(wakeTimer);
      clearTimeout(probeTimer);
    },
    halt: async (graceMilliseconds) => {
      detached = true;
      clearTimeout(wakeTimer);
      clearTimeout(probeTimer);
      await working;
      const { process, workload } = state;
      if (!process) return;
      await effects.stop(workload, process, workload.stop.signal);
      const deadline = deps.now() + graceMilliseconds;
      while (effects.isAlive(process) && deps.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
      await effects.kill(workload, process);
      state = { ...state, phase: 'new', process: null, stopping: null, ready: false, live: false, restartPending: false, notBefore: null };
      keep();
    },
  };
}
