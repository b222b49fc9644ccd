import { type ClawState, DEFAULT_TIMINGS, isStale, needsRefresh, type Timings } from './state.ts';

/** The one thing to do next for a claw. `until` is when to look again by itself, null = only after an event. */
export type Action =
  | { readonly do: 'prepare' }
  | { readonly do: 'launch' }
  | { readonly do: 'refresh' }
  | { readonly do: 'stop'; readonly signal: string; readonly graceMs: number; readonly crashed: boolean }
  | { readonly do: 'kill' }
  | { readonly do: 'clear' }
  | { readonly do: 'remove' }
  | { readonly do: 'wait'; readonly until: number | null };

const WAIT: Action = { do: 'wait', until: null };

/** Compares what is wanted with what is, and answers the next step towards it. Pure; called after every event and at `until`. */
export function decide(state: ClawState, now: number, timings: Timings = DEFAULT_TIMINGS): Action {
  return state.process ? decideRunning(state, now, timings) : decideNotRunning(state, now);
}

function decideRunning(state: ClawState, now: number, timings: Timings): Action {
  const { workload, stopping } = state;
  const unwanted = workload.desired !== 'running';
  if (stopping) {
    const killAgainAt = stopping.deadline + timings.killAgainAfter;
    if (stopping.killed) return now >= killAgainAt ? { do: 'kill' } : { do: 'wait', until: killAgainAt };
    if (now >= stopping.deadline || (unwanted && workload.kill)) return { do: 'kill' };
    return { do: 'wait', until: stopping.deadline };
  }
  if (unwanted && workload.kill) return { do: 'kill' };
  if (unwanted || isStale(state)) return stopAction(state, false);
  if (isUnresponsive(state, now, timings)) return stopAction(state, true);
  if (needsRefresh(state)) return state.notBefore !== null && now < state.notBefore ? { do: 'wait', until: state.notBefore } : { do: 'refresh' };
  return state.everLive ? WAIT : { do: 'wait', until: startupDeadline(state, timings) };
}

function stopAction(state: ClawState, crashed: boolean): Action {
  return { do: 'stop', signal: state.workload.stop.signal, graceMs: state.workload.stop.graceSeconds * 1000, crashed };
}

function isUnresponsive(state: ClawState, now: number, timings: Timings): boolean {
  if (state.everLive) return state.liveFailures >= timings.liveFailuresAllowed;
  return now >= startupDeadline(state, timings);
}

function startupDeadline(state: ClawState, timings: Timings): number {
  const { live, ready } = state.workload.probes;
  const allowed = Math.max(timings.startupLimit, (live.withinSeconds ?? 0) * 1000, (ready.withinSeconds ?? 0) * 1000);
  return (state.process?.startedAt ?? 0) + allowed;
}

function decideNotRunning(state: ClawState, now: number): Action {
  const { workload, notBefore } = state;
  if (workload.desired === state.phase) return WAIT;
  if (notBefore !== null && now < notBefore) return { do: 'wait', until: notBefore };
  if (workload.desired === 'stopped') return { do: 'clear' };
  if (workload.desired === 'removed') return { do: 'remove' };
  if (state.preparing) return WAIT;
  return { do: state.prepared ? 'launch' : 'prepare' };
}
