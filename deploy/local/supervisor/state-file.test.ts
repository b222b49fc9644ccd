import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ended, printed, spawnNode } from '../testing/child.ts';
import { scratchFolder } from '../testing/scratch.ts';
import { PartState } from './managed-process.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { findOrphans, type PartRecord, type PlatformState, readState, stopOrphans, writeState } from './state-file.ts';

const idle = "console.log('up'); setInterval(() => {}, 1000);";

function record(name: string, identity: ProcessIdentity | null): PartRecord {
  return { name, identity, state: PartState.Running, port: null, version: null, source: null, restarts: 0, logFile: join('/', name), stopSignal: 'SIGTERM' };
}

function stateOf(supervisor: ProcessIdentity | null, ...parts: PartRecord[]): PlatformState {
  return { supervisor, ready: true, url: null, temporalUi: null, parts };
}

async function deadIdentity(): Promise<ProcessIdentity> {
  const child = spawnNode(idle);
  await printed(child, 'up');
  const identity = identify(child.pid)!;
  child.kill('SIGKILL');
  await ended(child);
  return identity;
}

test('what a killed supervisor left running is found and stopped', async () => {
  const child = spawnNode(idle, { detached: true });
  await printed(child, 'up');
  const part = record('api', identify(child.pid));
  const orphans = findOrphans(stateOf(await deadIdentity(), part, record('worker', await deadIdentity()), record('bridge', null)));
  expect(orphans).toEqual([part]);
  await stopOrphans(orphans, 'SIGTERM');
  await ended(child);
  expect(isAlive(part.identity!)).toBe(false);
});

test('a leftover that ignores its stop signal is ended by force', async () => {
  const child = spawnNode(`process.on('SIGTERM', () => {}); ${idle}`, { detached: true });
  await printed(child, 'up');
  await stopOrphans([record('api', identify(child.pid))], 'SIGTERM', 300);
  await ended(child);
  expect(child.signalCode).toBe('SIGKILL');
});

test('a process that merely got the same pid is left alone', () => {
  const stranger: ProcessIdentity = { pid: process.pid, startTime: 'another boot:1' };
  expect(findOrphans(stateOf(null, record('api', stranger)))).toEqual([]);
});

test('parts of a living supervisor are no orphans', () => {
  const self = identify(process.pid);
  expect(findOrphans(stateOf(self, record('api', self)))).toEqual([]);
});

test('the record is read back as written, and its absence is no error', () => {
  const folder = scratchFolder();
  expect(readState(folder)).toBeNull();
  const state = stateOf(identify(process.pid), record('api', null));
  writeState(folder, state);
  expect(readState(folder)).toEqual(state);
});
