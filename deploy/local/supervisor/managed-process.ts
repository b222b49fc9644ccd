import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { rotateLog, tailLog } from './logs.ts';
import { identify, type ProcessIdentity, signalGroup, signalProcess, waitUntilGone } from './process-identity.ts';

/** What a part is doing. */
export const PartState = {
  Waiting: 'waiting',
  Preparing: 'preparing',
  Starting: 'starting',
  Running: 'running',
  Restarting: 'restarting',
  Stopping: 'stopping',
  Stopped: 'stopped',
  Failed: 'failed',
} as const;
export type PartState = (typeof PartState)[keyof typeof PartState];

/** How to run one long-lived process. */
export interface LaunchPlan {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly uid?: number;
  readonly gid?: number;
  /** True when the process that was started at `spawnedAt` does its work; asked every 100 ms. It must not throw. */
  ready(spawnedAt: Date): Promise<boolean>;
  readonly stopSignal: NodeJS.Signals;
  readonly stopBudgetMs: number;
  readonly startBudgetMs: number;
  /** What a person can do when it does not start. */
  readonly advice: string;
}

/** Thrown when a part cannot start; the message holds its last log lines and what to do. */
export class PartFailed extends Error {
  readonly part: string;
  constructor(part: string, reason: string, logFile: string, advice: string) {
    const tail = tailLog(logFile, 15);
    const excerpt = tail ? [`Its last log lines (${logFile}):`, tail.replaceAll(/^/gm, '    ')] : [];
    super([`${part} ${reason}.`, ...excerpt, `What to do: ${advice}`].join('\n'));
    this.part = part;
  }
}

const firstBackOffMs = 250;
const longestBackOffMs = 10_000;
const stableAfterMs = 30_000;
const attemptsBeforeFirstReady = 3;

/**
 * One process kept running in its own process group: started, watched, restarted with growing pauses when it dies
 * unexpectedly, stopped with a signal and after its budget by force. Its output goes straight to the log file, so it does not
 * depend on the supervisor's life.
 */
export class ManagedProcess {
  readonly name: string;
  readonly logFile: string;
  state: PartState = PartState.Waiting;
  restarts = 0;
  identity: ProcessIdentity | null = null;
  plan: LaunchPlan | null = null;
  readonly #onChange: () => void;
  #wanted = false;
  #loop: Promise<void> = Promise.resolve();
  #exited: Promise<void> = Promise.resolve();
  #backOffMs = firstBackOffMs;
  #waiters: { resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(name: string, logFile: string, onChange: () => void) {
    this.name = name;
    this.logFile = logFile;
    this.#onChange = onChange;
  }

  get pid(): number | null {
    return this.identity?.pid ?? null;
  }

  /** Starts with `plan` and resolves when ready. Rejects with {@link PartFailed} when it does not become ready in its budget. */
  async start(plan: LaunchPlan): Promise<void> {
    this.plan = plan;
    this.#wanted = true;
    rotateLog(this.logFile);
    const ready = this.waitReady();
    this.#loop = this.#keepRunning(plan);
    await ready;
  }

  /** Resolves when the part is ready (again); rejects when it is stopped or has failed. */
  waitReady(): Promise<void> {
    if (this.state === PartState.Running) return Promise.resolve();
    if (!this.#wanted) return Promise.reject(new Error(`${this.name} is not meant to run.`));
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Sends a signal as an outsider would. For a deadly one resolves when the process is gone; it is then restarted. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const victim = this.identity;
    if (!victim) return;
    const exited = this.#exited;
    signalProcess(victim.pid, signal);
    if (!['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT'].includes(signal)) return;
    await exited;
  }

  /** Stops the process and keeps it stopped; resolves when it and its group are gone. */
  async stop(): Promise<void> {
    const wasWanted = this.#wanted;
    this.#wanted = false;
    const { identity, plan } = this;
    if (identity && plan) {
      this.#become(PartState.Stopping);
      signalProcess(identity.pid, plan.stopSignal);
      signalProcess(identity.pid, 'SIGCONT');
      if (!(await waitUntilGone(identity, plan.stopBudgetMs))) signalGroup(identity.pid, 'SIGKILL');
    }
    await this.#loop;
    if (wasWanted || this.state !== PartState.Failed) this.#become(PartState.Stopped);
    this.#settle(new Error(`${this.name} was stopped.`));
  }

  async #keepRunning(plan: LaunchPlan): Promise<void> {
    let everReady = false;
    let attempts = 0;
    while (this.#wanted) {
      attempts++;
      this.#become(everReady ? PartState.Restarting : PartState.Starting);
      const startedAt = performance.now();
      const reason = await this.#runOnce(plan, () => {
        everReady = true;
        this.#become(PartState.Running);
        this.#settle(null);
      });
      if (!this.#wanted) return;
      if (!everReady && (attempts >= attemptsBeforeFirstReady || performance.now() - startedAt > plan.startBudgetMs)) {
        this.#wanted = false;
        this.#become(PartState.Failed);
        this.#settle(new PartFailed(this.name, reason, this.logFile, plan.advice));
        return;
      }
      if (performance.now() - startedAt > stableAfterMs) this.#backOffMs = firstBackOffMs;
      this.restarts++;
      this.#become(everReady ? PartState.Restarting : PartState.Starting);
      await this.#pause(this.#backOffMs);
      this.#backOffMs = Math.min(this.#backOffMs * 2, longestBackOffMs);
    }
  }

  /** Runs the process once; resolves with why it ended when it and what it left in its group are gone. */
  async #runOnce(plan: LaunchPlan, onReady: () => void): Promise<string> {
    const spawnedAt = new Date();
    const log = openSync(this.logFile, 'a', 0o600);
    const child = spawn(plan.command, plan.args, { cwd: plan.cwd, env: plan.env, uid: plan.uid, gid: plan.gid, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`could not be run: ${error.message}`));
      child.once('exit', (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`));
    });
    const { pid } = child;
    this.identity = pid === undefined ? null : identify(pid);
    // Written down before anything else happens, so that no crash of the supervisor leaves a process nobody knows.
    this.#onChange();
    let over = false;
    this.#exited = ended.then(() => {
      over = true;
      if (pid !== undefined) signalGroup(pid, 'SIGKILL');
      this.identity = null;
      if (this.state === PartState.Running) this.#become(PartState.Restarting);
      else this.#onChange();
    });
    const becameReady = await this.#poll(plan, spawnedAt, () => over);
    if (becameReady && !over) onReady();
    else if (!over && this.#wanted && pid !== undefined) {
      signalGroup(pid, 'SIGKILL');
      await this.#exited;
      return `was not ready within ${Math.round(plan.startBudgetMs / 1000)} s`;
    }
    const reason = await ended;
    await this.#exited;
    return reason;
  }

  async #poll(plan: LaunchPlan, spawnedAt: Date, isOver: () => boolean): Promise<boolean> {
    const deadline = performance.now() + plan.startBudgetMs;
    while (!isOver() && this.#wanted && performance.now() < deadline) {
      if (await plan.ready(spawnedAt)) return true;
      await sleep(100);
    }
    return false;
  }

  async #pause(milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds;
    while (this.#wanted && performance.now() < until) await sleep(Math.min(50, milliseconds));
  }

  #become(state: PartState): void {
    this.state = state;
    this.#onChange();
  }

  #settle(error: Error | null): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) error ? waiter.reject(error) : waiter.resolve();
  }
}
