import type { FailureCode } from '../../workflows/contracts/failures.ts';
import type { Workload, WorkloadFact } from '../../workflows/contracts/workload.ts';

/** What was started and is believed to run. Times in milliseconds since the epoch. */
export interface RunningProcess {
  /** Parent of the claw: leads the session and process group, outlives the claw and records its exit. */
  readonly keeper: { readonly pid: number; readonly start: string };
  readonly pid: number | null;
  readonly startedAt: number;
  readonly processHash: string;
  readonly filesHash: string;
  readonly restartGeneration: number;
  readonly resources: Workload['resources'];
  /** Kills for want of memory that the claw's group had counted before this process. */
  readonly oomKillsBefore: number;
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: string | null;
  readonly outOfMemory: boolean;
}

export interface ClawError {
  readonly code: FailureCode;
  readonly message: string;
}

/** `new`: nothing was done yet for this workload, so nothing is reported. */
export type ClawPhase = WorkloadFact['phase'] | 'new';

/** Everything the daemon knows of one claw; plain JSON, kept on disk. */
export interface ClawState {
  readonly workload: Workload;
  /** Generation that the reported state belongs to; behind the workload's only while a hot change is being written. */
  readonly generation: number;
  readonly phase: ClawPhase;
  readonly process: RunningProcess | null;
  /** Set while the process is being stopped. `crashed`: it is restarted because it did not answer, and that counts. */
  readonly stopping: { readonly deadline: number; readonly killed: boolean; readonly crashed: boolean } | null;
  readonly preparing: boolean;
  readonly prepared: boolean;
  /** The files must be written again although their wanted hash did not change. */
  readonly rewrite: boolean;
  readonly ready: boolean;
  readonly live: boolean;
  readonly everLive: boolean;
  readonly liveFailures: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly restarts: number;
  /** The next start replaces a process that ended by itself. */
  readonly restartPending: boolean;
  /** Crashes in a row, for the back-off. */
  readonly crashes: number;
  /** Failed attempts in a row to prepare, start, write or remove. */
  readonly blocks: number;
  readonly notBefore: number | null;
  readonly diskHash: string | null;
  readonly error: ClawError | null;
}

/** Durations in milliseconds; counts where the name says so. */
export interface Timings {
  readonly crashBackoffMin: number;
  readonly crashBackoffMax: number;
  readonly blockBackoffMin: number;
  readonly blockBackoffMax: number;
  readonly installBackoffMax: number;
  /** A process that ran this long is not counted as crashing in a row with what was before. */
  readonly stableAfter: number;
  readonly liveFailuresAllowed: number;
  /** A process that never was live for this long, or for as long as its probes allow, is restarted. */
  readonly startupLimit: number;
  /** A process that lives this long after it was killed is killed again: the daemon may have ended in between, or the kill may have failed. */
  readonly killAgainAfter: number;
}

export const DEFAULT_TIMINGS: Timings = {
  crashBackoffMin: 1_000,
  crashBackoffMax: 5 * 60_000,
  blockBackoffMin: 1_000,
  blockBackoffMax: 8_000,
  installBackoffMax: 2 * 60_000,
  stableAfter: 60_000,
  liveFailuresAllowed: 15,
  startupLimit: 180_000,
  killAgainAfter: 5_000,
};

export function newClaw(workload: Workload): ClawState {
  return {
    workload,
    generation: workload.generation,
    phase: 'new',
    process: null,
    stopping: null,
    preparing: false,
    prepared: false,
    rewrite: false,
    ready: false,
    live: false,
    everLive: false,
    liveFailures: 0,
    exitCode: null,
    signal: null,
    restarts: 0,
    restartPending: false,
    crashes: 0,
    blocks: 0,
    notBefore: null,
    diskHash: null,
    error: null,
  };
}

/** Whether the running process must be replaced to become what is wanted. */
export function isStale(state: ClawState): boolean {
  const { process, workload } = state;
  if (!process) return false;
  if (process.processHash !== workload.processHash || workload.restartGeneration > process.restartGeneration) return true;
  return workload.reload === 'restart' && process.filesHash !== workload.filesHash;
}

/** Whether files or limits of the running process must be brought up to date in place. */
export function needsRefresh(state: ClawState): boolean {
  const { process, workload } = state;
  if (!process || isStale(state)) return false;
  const { cpuMillis, memoryBytes } = process.resources;
  const otherLimits = cpuMillis !== workload.resources.cpuMillis || memoryBytes !== workload.resources.memoryBytes;
  return state.rewrite || otherLimits || process.filesHash !== workload.filesHash;
}
