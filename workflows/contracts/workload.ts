import type { Probe } from './claw-type.ts';
import type { FailureCode } from './failures.ts';

/** Where a value that must stay secret comes from; the row holds a JWE, the bridge gets the opened value. */
export interface SecretValue {
  readonly name: string;
  readonly value: string;
}

export interface WorkloadFile {
  /** Relative to the config dir of the claw. */
  readonly path: string;
  /** Octal string such as `0600`. */
  readonly mode: string;
  readonly content: string;
}

/**
 * Package set a workload needs, installed once per host and shared read-only. `node` is a semver range. `remove` names files of the
 * installed package set, relative to its folder, that must not stay: marks of install scripts, which the host does not run.
 */
export interface RuntimeRef {
  readonly type: string;
  readonly version: string;
  readonly install: { readonly npm?: string; readonly pip?: string } | null;
  readonly node: string | null;
  readonly remove?: readonly string[];
}

/**
 * What should run on a host for one instance. Paths in `command`, `env` and file contents may use the tokens
 * `${CONFIG_DIR}`, `${DATA_DIR}`, `${RUNTIME_DIR}`, `${LOG_DIR}`, which the bridge replaces with the real folders of the claw.
 */
export interface Workload {
  readonly instanceId: string;
  readonly tenantId: string;
  readonly slug: string;
  readonly slot: number;
  /** Generation of the desired state; every fact carries the one it speaks of. */
  readonly generation: number;
  readonly desired: 'running' | 'stopped' | 'removed';
  /** With `removed`: what happens to config and data. With `stopped`: `kill` skips the drain. */
  readonly retention: 'retain' | 'wipe';
  readonly kill: boolean;
  readonly runtime: RuntimeRef;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly secretEnv: readonly SecretValue[];
  readonly files: readonly WorkloadFile[];
  readonly ports: Readonly<Record<string, number>>;
  readonly probes: { readonly live: Probe; readonly ready: Probe };
  readonly stop: { readonly signal: string; readonly graceSeconds: number };
  readonly resources: { readonly cpuMillis: number; readonly memoryBytes: number };
  /** A change of this value restarts the process; a change of files alone does not when `reload` is `hot`. */
  readonly processHash: string;
  /** Generation of the last asked-for restart; a greater one than the running process started with restarts it. */
  readonly restartGeneration: number;
  readonly filesHash: string;
  /** `hot`: the claw watches its files; `restart`; `signal:<SIG>`; `http:<METHOD> <path>` sent to the first port. */
  readonly reload: string;
}

/** `observed` of one workload on its host; the newest replaces older ones. */
export interface WorkloadFact {
  readonly instanceId: string;
  readonly generation: number;
  /** Grows by one with every fact of this bridge's data folder, across its restarts. */
  readonly seq: number;
  readonly phase: 'preparing' | 'starting' | 'running' | 'backing-off' | 'stopping' | 'stopped' | 'removed' | 'blocked';
  readonly pid: number | null;
  readonly startedAt: string | null;
  readonly ready: boolean;
  readonly live: boolean;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly restarts: number;
  readonly nextStartAt: string | null;
  /** Hash of the files as they are on disk now; differs from the desired one when somebody changed them by hand. */
  readonly filesHash: string | null;
  readonly error: { readonly code: FailureCode; readonly message: string } | null;
  readonly at: string;
}
