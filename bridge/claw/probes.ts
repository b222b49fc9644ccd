import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import type { Probe } from '../../workflows/contracts/claw-type.ts';

/** What a probe needs of a running claw. */
export interface ProbeTarget {
  readonly ports: Readonly<Record<string, number>>;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly ownerId: number | null;
}

const TIMEOUT_MILLISECONDS = 3_000;

/** Asks once. False for whatever is not a clear yes. */
export async function probe(check: Probe, target: ProbeTarget): Promise<boolean> {
  if (check.type === 'runtime') return true;
  if (check.type === 'exec') return probeExec(check.command ?? [], target);
  const port = target.ports[check.port ?? ''] ?? Object.values(target.ports)[0];
  if (port === undefined || !belongsTo(port, target.ownerId)) return false;
  return check.type === 'tcp' ? probeTcp(port) : probeHttp(port, check.path ?? '/');
}

/** Status 200 only: a redirect, a log-in page or 204 of something else proves nothing. */
function probeHttp(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: TIMEOUT_MILLISECONDS, headers: { accept: 'application/json' } }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

function probeTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: TIMEOUT_MILLISECONDS });
    const answer = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}

function probeExec(command: readonly string[], target: ProbeTarget): Promise<boolean> {
  const [file, ...args] = command;
  if (!file) return Promise.resolve(false);
  const identity = target.ownerId === null ? {} : { uid: target.ownerId, gid: target.ownerId };
  const options = { cwd: target.cwd, env: { ...target.env }, timeout: TIMEOUT_MILLISECONDS, killSignal: 'SIGKILL' as const, maxBuffer: 64 * 1024, ...identity };
  return new Promise((resolve) => {
    execFile(file, args, options, (error) => resolve(error === null));
  });
}

const LISTEN = '0A';

/**
 * Whether whoever listens on the port is this claw: on Linux the kernel tells the uid of a listener, so that no claw can answer
 * in place of another. True where that cannot be known, and when nobody listens.
 */
export function belongsTo(port: number, ownerId: number | null): boolean {
  if (ownerId === null) return true;
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readLines(file)) {
      const [, local = '', , state, , , , uid] = line.trim().split(/\s+/);
      if (state === LISTEN && local.endsWith(`:${wanted}`) && Number(uid) !== ownerId) return false;
    }
  }
  return true;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(1);
  } catch {
    return [];
  }
}
