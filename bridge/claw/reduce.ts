import type { Workload } from '../../workflows/contracts/workload.ts';
import { type ClawError, type ClawState, DEFAULT_TIMINGS, type ExitStatus, isStale, needsRefresh, type RunningProcess, type Timings } from './state.ts';

/** What happened to one claw. */
export type ClawEvent =
  | { readonly type: 'desired'; readonly workload: Workload }
  | { readonly type: 'preparing' }
  | { readonly type: 'prepared' }
  | { readonly type: 'launched'; readonly process: RunningProcess; readonly diskHash: string }
  | { readonly type: 'pid'; readonly pid: number }
  | { readonly type: 'refreshed'; readonly workload: Workload; readonly diskHash: string }
  | { readonly type: 'failed'; readonly error: ClawError; readonly during: 'prepare' | 'other' }
  | { readonly type: 'stopping'; readonly deadline: number; readonly killed: boolean; readonly crashed: boolean }
  | { readonly type: 'exited'; readonly status: ExitStatus }
  | { readonly type: 'cleared' }
  | { readonly type: 'removed' }
  | { readonly type: 'probed'; readonly live: boolean; readonly ready: boolean }
  | { readonly type: 'disk'; readonly hash: string | null };

/** Folds an event into the state. Pure: `now` is milliseconds since the epoch. */
export function reduce(state: ClawState, event: ClawEvent, now: number, timings: Timings = DEFAULT_TIMINGS): ClawState {
  switch (event.type) {
    case 'desired':
      return onDesired(state, event.workload);
    case 'preparing':
      return { ...state, preparing: true, phase: 'preparing', notBefore: null };
    case 'prepared':
      return { ...state, preparing: false, prepared: true, blocks: 0 };
    case 'launched':
      return onLaunched(state, event.process, event.diskHash);
    case 'pid':
      return state.process ? { ...state, process: { ...state.process, pid: event.pid } } : state;
    case 'refreshed':
      return onRefreshed(state, event.workload, event.diskHash);
    case 'failed':
      return onFailed(state, event.error, event.during, now, timings);
    case 'stopping':
      return {
        ...state,
        phase: 'stopping',
        ready: false,
        generation: state.workload.generation,
        stopping: { deadline: event.deadline, killed: event.killed, crashed: event.crashed },
      };
    case 'exited':
      return onExited(state, event.status, now, timings);
    case 'cleared':
      return { ...state, phase: 'stopped', blocks: 0, notBefore: null, error: null };
    case 'removed':
      return { ...state, phase: 'removed', blocks: 0, notBefore: null, error: null, diskHash: null };
    case 'probed':
      return onProbed(state, event.live, event.ready, now, timings);
    case 'disk':
      return { ...state, diskHash: event.hash };
  }
}

function onDesired(state: ClawState, workload: Workload): ClawState {
  if (workload.generation < state.workload.generation) return state;
  const newer = workload.generation > state.workload.generation || workload.desired !== state.workload.desired;
  const otherRuntime = JSON.stringify(workload.runtime) !== JSON.stringify(state.workload.runtime);
  const drifted = state.diskHash !== null && state.process !== null && state.diskHash !== state.process.filesHash;
  const next: ClawState = {
    ...state,
    workload,
    prepared: state.prepared && !otherRuntime,
    rewrite: state.rewrite || drifted,
    // What a person or the control plane asks for anew does not wait for an old back-off; a crash loop only ends by a new wish.
    notBefore: newer || state.phase === 'blocked' ? null : state.notBefore,
    crashes: newer ? 0 : state.crashes,
    blocks: newer ? 0 : state.blocks,
  };
  if (next.process) return desiredWhileRunning(next);
  return { ...next, generation: workload.generation, ...(newer || state.phase === 'blocked' ? restarted(next) : {}) };
}

/** A hot change keeps the old generation until it is written; everything else speaks of the new one at once. */
function desiredWhileRunning(state: ClawState): ClawState {
  const { workload } = state;
  if (workload.desired !== 'running' || isStale(state)) return { ...state, generation: workload.generation, phase: 'stopping', ready: false };
  if (needsRefresh(state)) return state;
  const unblocked = state.phase === 'blocked' ? { phase: state.ready ? ('running' as const) : ('starting' as const), error: null } : {};
  return { ...state, generation: workload.generation, ...unblocked };
}

/** Nothing is reported of a new wish before something was done for it, unless it is fulfilled already. */
function restarted(state: ClawState): Partial<ClawState> {
  if (state.preparing && state.workload.desired === 'running') return { phase: 'preparing', error: null };
  if (state.phase === state.workload.desired) return { error: null, restartPending: false };
  return { phase: 'new', error: null, restartPending: false };
}

function onLaunched(state: ClawState, process: RunningProcess, diskHash: string): ClawState {
  return {
    ...state,
    process,
    diskHash,
    phase: 'starting',
    stopping: null,
    rewrite: false,
    ready: false,
    live: false,
    everLive: false,
    liveFailures: 0,
    restarts: state.restarts + (state.restartPending ? 1 : 0),
    restartPending: false,
    blocks: 0,
    notBefore: null,
    // The reason of the last end stays visible until the claw answers again.
    error: state.restartPending ? state.error : null,
  };
}

function onRefreshed(state: ClawState, workload: Workload, diskHash: string): ClawState {
  if (!state.process) return state;
  const process = { ...state.process, filesHash: workload.filesHash, resources: workload.resources };
  const phase = state.phase === 'blocked' ? (state.ready ? 'running' : 'starting') : state.phase;
  const next = { ...state, process, diskHash, phase, rewrite: false, blocks: 0, notBefore: null, error: state.phase === 'blocked' ? null : state.error };
  return state.workload === workload ? { ...next, generation: workload.generation } : next;
}

function onFailed(state: ClawState, error: ClawError, during: 'prepare' | 'other', now: number, timings: Timings): ClawState {
  const blocks = state.blocks + 1;
  const longest = during === 'prepare' ? timings.installBackoffMax : timings.blockBackoffMax;
  const wait = Math.min(longest, timings.blockBackoffMin * 2 ** Math.min(blocks - 1, 30));
  const prepared = state.prepared && error.code !== 'IMAGE_PULL_FAILED';
  const next = { ...state, preparing: during === 'prepare' ? false : state.preparing, prepared, blocks };
  // An installation that nobody wants any more may fail unnoticed.
  if (during === 'prepare' && state.workload.desired !== 'running') return next;
  return { ...next, phase: 'blocked', generation: state.workload.generation, error, notBefore: now + wait };
}

function onExited(state: ClawState, status: ExitStatus, now: number, timings: Timings): ClawState {
  const planned = state.stopping !== null && !state.stopping.crashed;
  const wanted = state.workload.desired === 'running';
  const gone: ClawState = {
    ...state,
    process: null,
    stopping: null,
    ready: false,
    live: false,
    liveFailures: 0,
    exitCode: status.code,
    signal: status.signal,
    generation: state.workload.generation,
  };
  if (!wanted) {
    const phase = state.workload.desired === 'stopped' ? 'stopped' : 'stopping';
    return { ...gone, phase, error: null, restartPending: false, notBefore: null };
  }
  if (planned || isStale(state)) return { ...gone, phase: 'stopping', error: null, notBefore: null };
  const ranFor = now - (state.process?.startedAt ?? now);
  const crashes = ranFor >= timings.stableAfter ? 1 : state.crashes + 1;
  const wait = Math.min(timings.crashBackoffMax, timings.crashBackoffMin * 2 ** Math.min(crashes - 1, 30));
  return { ...gone, phase: 'backing-off', crashes, restartPending: true, notBefore: now + wait, error: exitError(state, status) };
}

function exitError(state: ClawState, status: ExitStatus): ClawError {
  if (status.outOfMemory) {
    return {
      code: 'OUT_OF_MEMORY',
      message: `The claw used more than its ${Math.round(state.workload.resources.memoryBytes / 2 ** 20)} MiB of memory and was ended.`,
    };
  }
  if (state.stopping?.crashed) return { code: 'GATEWAY_UNAVAILABLE', message: 'The claw did not answer its health probe and is being restarted.' };
  const how = status.signal ? `by ${status.signal}` : status.code === null ? 'and left no exit code' : `with exit code ${status.code}`;
  return { code: 'PROCESS_EXITED', message: `The process of the claw ended ${how}.` };
}

function onProbed(state: ClawState, live: boolean, ready: boolean, now: number, timings: Timings): ClawState {
  if (!state.process || state.stopping || state.phase === 'stopping') return state;
  const everLive = state.everLive || live;
  const stable = ready && now - state.process.startedAt >= timings.stableAfter;
  return {
    ...state,
    live,
    ready,
    everLive,
    liveFailures: live ? 0 : state.liveFailures + (everLive ? 1 : 0),
    phase: ready && state.phase === 'starting' ? 'running' : state.phase,
    crashes: stable ? 0 : state.crashes,
    error: ready && state.phase !== 'blocked' ? null : state.error,
  };
}
