import type { HostInfo } from './host.ts';
import type { LogLevel } from './log-level.ts';
import type { MetricTick } from './metrics.ts';
import type { RuntimeRef, Workload, WorkloadFact } from './workload.ts';

/**
 * socket.io namespace `/bridge`. The bridge dials out with `auth: { token }` (host token, never in the URL) and query-free.
 * Every message has an acknowledgement; a fact that was not acknowledged is sent again after a reconnect (dropped by `seq`).
 */
export const BRIDGE_NAMESPACE = '/bridge';

/** Path of the one socket.io server of the API: the bridges share it with the browsers' namespace. */
export const BRIDGE_SOCKET_PATH = '/realtime';

export interface BridgeHello {
  readonly info: HostInfo;
  /** instanceId -> generation the bridge has on disk; the API answers with every workload of the host and names the ids that must end. */
  readonly generations: Readonly<Record<string, number>>;
  /** The same claws by what they have on the machine; older bridges do not say. */
  readonly claws?: readonly BridgeClaw[];
}

/** A claw as its bridge names it to an API that may not know it. */
export interface BridgeClaw {
  readonly instanceId: string;
  readonly tenantId: string;
  readonly slug: string;
  readonly slot: number;
}

export interface DesiredDelta {
  readonly upsert: readonly Workload[];
  /** The bridge must end and forget these, their data kept: the control plane knows the instances and wants nothing of them to run. */
  readonly remove: readonly string[];
}

/** How much a bridge logs for a while. */
export interface BridgeLogLevel {
  readonly level: LogLevel;
  readonly leftMilliseconds: number;
}

export interface Ack {
  readonly ok: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * What a byte stream through the bridge leads to: a port of a claw, its log, or what of its log is not in the archive yet: one line
 * of JSON, {@link WaitingPieces}, then their bytes in the same order.
 */
export type BridgeTarget =
  | { readonly kind: 'dial'; readonly instanceId: string; readonly port: string }
  | { readonly kind: 'logs'; readonly instanceId: string; readonly tailLines: number; readonly follow: boolean }
  | { readonly kind: 'log-pieces'; readonly instanceId: string };

/** Newest first. The first is the present log, as it is, with `to` null; the others wait for the archive, packed with gzip. */
export type WaitingPieces = readonly { readonly from: number; readonly to: number | null; readonly bytes: number }[];

export interface StreamOpen {
  readonly streamId: string;
  readonly target: BridgeTarget;
}

/** A one-shot command run with the runtime of a version, e.g. its own config validator. Times out after `timeoutSeconds`. */
export interface ExecRequest {
  readonly runtime: RuntimeRef;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files written into a private scratch folder, `${SCRATCH_DIR}` in command and env. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  readonly timeoutSeconds: number;
}

export interface ExecResult extends Ack {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

export interface BridgeToApi {
  hello(hello: BridgeHello, ack: (answer: Ack & { readonly hostId?: string; readonly delta?: DesiredDelta }) => void): void;
  fact(facts: readonly WorkloadFact[], ack: (answer: Ack) => void): void;
  'host-info'(info: HostInfo, ack: (answer: Ack) => void): void;
  /** Oldest first. A batch may come twice: a moment of a claw is kept once. */
  metrics(ticks: readonly MetricTick[], ack: (answer: Ack) => void): void;
  'stream-data'(message: { streamId: string; data: Uint8Array }, ack: () => void): void;
  'stream-end'(message: { streamId: string; error: string | null }): void;
}

export interface ApiToBridge {
  desired(delta: DesiredDelta, ack: (answer: Ack) => void): void;
  prepare(request: { readonly runtime: ExecRequest['runtime'] }, ack: (answer: Ack) => void): void;
  exec(request: ExecRequest, ack: (answer: ExecResult) => void): void;
  /** Log at this level for so long; null = as configured again. */
  'log-level'(order: BridgeLogLevel | null): void;
  'stream-open'(open: StreamOpen, ack: (answer: Ack) => void): void;
  'stream-data'(message: { streamId: string; data: Uint8Array }, ack: () => void): void;
  'stream-end'(message: { streamId: string; error: string | null }): void;
}

/** Value of the Upgrade header of the internal route that hands a byte stream to the worker. */
export const INTERNAL_STREAM_PROTOCOL = 'clawloops-stream';

/** Path of an internal route: what only the worker may ask of the API, with the service token. */
export function internalHostPath(hostId: string, action: 'prepare' | 'exec' | 'stream'): string {
  return `/internal/hosts/${encodeURIComponent(hostId)}/${action}`;
}

/** A target as the query of the internal stream route; holds no secret. */
export function streamQuery(target: BridgeTarget): string {
  return Object.entries(target)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
}

/** The target of such a query, or null when it is none. `get` answers one value of the query. */
export function readStreamQuery(get: (name: string) => string | null): BridgeTarget | null {
  const instanceId = get('instanceId');
  if (!instanceId) return null;
  const port = get('port');
  if (get('kind') === 'dial' && port) return { kind: 'dial', instanceId, port };
  const tailLines = Number(get('tailLines'));
  if (get('kind') === 'logs' && Number.isSafeInteger(tailLines) && tailLines >= 0)
    return { kind: 'logs', instanceId, tailLines, follow: get('follow') === 'true' };
  return null;
}
