import type { Duplex, Readable } from 'node:stream';
import type { ExecRequest, ExecResult } from '../../workflows/contracts/bridge-protocol.ts';
import type { RuntimeRef, SecretValue, Workload, WorkloadFact } from '../../workflows/contracts/workload.ts';

/** Which workload a call is about. */
export interface WorkloadRef {
  readonly tenantId: string;
  readonly hostId: string;
  readonly instanceId: string;
}

/** A desired workload with the values of its secrets in `secretEnv`, which the driver seals before it stores them. */
export type DesiredWorkload = Workload;

/**
 * Where claws run. Small and idempotent. `apply`, `stop`, `kill` and `destroy` record desired state with a generation and return;
 * that it happened is always an observation carrying that generation. A driver reports facts and throws typed Failures
 * (RUNTIME_UNREACHABLE, HOST_OFFLINE, VOLUME_UNAVAILABLE, IMAGE_PULL_FAILED …); it never decides policy.
 */
export interface RuntimeDriver {
  readonly kind: 'host';
  /** Installs a claw version on the host, once per version; returns when it is there. May take minutes; `signal` aborts the wait. */
  prepare(hostId: string, runtime: RuntimeRef, signal?: AbortSignal): Promise<void>;
  /** Runs a one-shot command with an installed version, e.g. its config validator. */
  exec(hostId: string, request: ExecRequest): Promise<ExecResult>;
  /** Records what should run. An older generation than the recorded one is refused with GENERATION_MISMATCH. */
  apply(hostId: string, workload: DesiredWorkload): Promise<void>;
  stop(ref: WorkloadRef, generation: number): Promise<void>;
  kill(ref: WorkloadRef, generation: number): Promise<void>;
  destroy(ref: WorkloadRef, generation: number, retention: 'retain' | 'wipe'): Promise<void>;
  /** Newest fact known of the workload, or null when the runtime never spoke of it. */
  observe(ref: WorkloadRef): Promise<WorkloadFact | null>;
  /** The recorded desired workload without secret values, or null. */
  desired(ref: WorkloadRef): Promise<DesiredWorkload | null>;
  /** Opened secrets of the recorded workload (`secretEnv`), empty when there is none. Only for the caller that needs one right now. */
  secrets(ref: WorkloadRef): Promise<readonly SecretValue[]>;
  /** Removes the record of a destroyed workload once `removed` was observed. */
  forget(ref: WorkloadRef): Promise<void>;
  /** A raw connection to a port of the claw. */
  dial(ref: WorkloadRef, port: string): Promise<Duplex>;
  /** Log lines as bytes; ends by itself unless `follow`. */
  logs(ref: WorkloadRef, options: { readonly tailLines: number; readonly follow: boolean }): Promise<Readable>;
}
