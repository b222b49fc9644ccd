import type { Duplex } from 'node:stream';
import { Failure } from '../../../workflows/contracts/failures.ts';
import { adminCall } from './admin-rpc.ts';
import { withGatewaySession } from './gateway-session.ts';

/**
 * What a claw says of the configuration it last read from its disk and the one it runs. The two hashes are its own; equal ones mean
 * that it runs what it read, `revision` says which file that was: the `filesHash` that the platform wrote into it. Of a file that it
 * refuses it tells the issues, but neither hash nor revision.
 */
export interface AppliedConfig {
  readonly valid: boolean;
  readonly revision: string | null;
  readonly configRevisionHash: string | null;
  readonly appliedConfigHash: string | null;
  readonly issues: readonly { readonly path: string; readonly message: string }[];
}

/** Whether the claw runs the files of this hash. Equal hashes alone do not say so: for a moment after a change it knows only the old file. */
export function runsFiles(applied: AppliedConfig, filesHash: string): boolean {
  return applied.valid && applied.revision === filesHash && applied.configRevisionHash !== null && applied.configRevisionHash === applied.appliedConfigHash;
}

/** What a claw says of itself. */
export interface ClawHealth {
  readonly version: string | null;
  readonly uptimeMs: number | null;
  /** Owners of settings whose secret the claw could not resolve, e.g. a model provider before its key was delivered. */
  readonly degradedSecretOwners: readonly string[];
}

/** How the platform speaks to a running OpenClaw. Throws GATEWAY_UNAVAILABLE, TIMEOUT, or what opening the connection threw. */
export interface ClawControl {
  appliedConfig(): Promise<AppliedConfig>;
  /** Stores a secret in the claw; it is used from the next call on, without a restart. Repeating it is harmless. */
  setSecret(name: string, value: string): Promise<void>;
  health(): Promise<ClawHealth>;
}

/** `connect` opens a raw connection to the gateway port, from loopback on the claw's own host; `token` is the claw's control token. */
export interface ClawControlOptions {
  readonly connect: () => Promise<Duplex>;
  readonly token: string;
  readonly timeoutMs?: number;
}

/** Where the platform writes it: the settings of a skill that does not exist. */
const REVISION_ENTRY = 'clawloops-revision';
const TIMEOUT_MS = 10_000;

/** A control client for one claw. Opens a connection per call and keeps none. */
export function createClawControl({ connect, token, timeoutMs = TIMEOUT_MS }: ClawControlOptions): ClawControl {
  const target = { connect, token, timeoutMs };
  return {
    appliedConfig: async () => readAppliedConfig(await adminCall(target, 'config.get', {})),
    setSecret: (name, value) => withGatewaySession(target, (call) => storeSecret(call, name, value)),
    health: async () => readHealth(await adminCall(target, 'status', {})),
  };
}

async function storeSecret(call: (method: string, params: object) => Promise<unknown>, name: string, value: string): Promise<void> {
  const answer = fields(await call('secrets.store.set', { name, value, kind: 'secret' }));
  if (answer['ok'] !== true) throw new Failure('GATEWAY_UNAVAILABLE', 'The claw did not store the secret.');
  if (answer['reloaded'] === false) throw new Failure('GATEWAY_UNAVAILABLE', 'The claw stored the secret but does not use it yet.');
}

function readAppliedConfig(payload: unknown): AppliedConfig {
  const answer = fields(payload);
  const issues = Array.isArray(answer['issues']) ? answer['issues'].map(fields) : [];
  return {
    valid: answer['valid'] === true,
    revision: revisionIn(answer['parsed']),
    configRevisionHash: text(answer['configRevisionHash']),
    appliedConfigHash: text(answer['appliedConfigHash']),
    issues: issues.map((issue) => ({ path: text(issue['path']) ?? '', message: text(issue['message']) ?? '' })),
  };
}

function revisionIn(config: unknown): string | null {
  const entries = fields(fields(fields(config)['skills'])['entries']);
  return text(fields(fields(entries[REVISION_ENTRY])['config'])['revision']);
}

function readHealth(payload: unknown): ClawHealth {
  const answer = fields(payload);
  const owners = Array.isArray(answer['degradedSecretOwners']) ? answer['degradedSecretOwners'] : [];
  return {
    version: text(answer['runtimeVersion']),
    uptimeMs: typeof answer['uptimeMs'] === 'number' ? answer['uptimeMs'] : null,
    degradedSecretOwners: owners.map(ownerName),
  };
}

function ownerName(owner: unknown): string {
  const { ownerId, id, path } = fields(owner);
  return text(owner) ?? text(ownerId) ?? text(id) ?? text(path) ?? 'unknown';
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
