import type { Duplex } from 'node:stream';
import type { ExecRequest, ExecResult, StreamOpen } from '../../../workflows/contracts/bridge-protocol.ts';
import type { RuntimeRef } from '../../../workflows/contracts/workload.ts';

/**
 * The way to the bridge of a host for what cannot be recorded as desired state. The API answers it itself, the worker asks the API.
 * Throws HOST_OFFLINE when the bridge is not connected, RUNTIME_UNREACHABLE when the way to it breaks, and what the bridge answers.
 */
export interface HostLink {
  prepare(hostId: string, runtime: RuntimeRef, signal?: AbortSignal): Promise<void>;
  exec(hostId: string, request: ExecRequest): Promise<ExecResult>;
  /** A byte stream to a port or to the log of one claw. */
  open(hostId: string, target: StreamOpen['target']): Promise<Duplex>;
}
