import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WorkloadFact } from '../workflows/contracts/workload.ts';
import type { FactDraft } from './claw/fact.ts';
import { createFactQueue } from './facts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'facts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (): string => path.join(folder, 'facts.json');
const draft = (restarts = 0, instanceId = 'ins_a'): FactDraft => ({
  instanceId,
  generation: 1,
  phase: 'running',
  pid: 1,
  startedAt: null,
  ready: true,
  live: true,
  exitCode: null,
  signal: null,
  restarts,
  nextStartAt: null,
  filesHash: null,
  error: null,
});

/** An API that stores what it gets. */
function api() {
  const stored: WorkloadFact[] = [];
  return {
    stored,
    send: async (facts: readonly WorkloadFact[]): Promise<void> => {
      stored.push(...facts);
    },
  };
}

test('facts wait for a connection and arrive in order, each with the next number', async () => {
  const queue = createFactQueue(file());
  for (const restarts of [0, 1, 2]) queue.push(draft(restarts));
  expect(queue.pending).toBe(3);
  const { stored, send } = api();
  queue.connect(send);
  await expect.poll(() => queue.pending).toBe(0);
  expect(stored.map((fact) => fact.restarts)).toEqual([0, 1, 2]);
  const [first, second, third] = stored.map((fact) => fact.seq) as [number, number, number];
  expect([second - first, third - second]).toEqual([1, 1]);
});

test('numbers go on growing after a restart that nobody announced', async () => {
  const before = createFactQueue(file());
  const first = api();
  before.connect(first.send);
  before.push(draft());
  await expect.poll(() => first.stored.length).toBe(1);
  const after = createFactQueue(file(), () => 0);
  const second = api();
  after.connect(second.send);
  after.push(draft());
  await expect.poll(() => second.stored.length).toBe(1);
  expect(Number(second.stored[0]?.seq)).toBeGreaterThan(Number(first.stored[0]?.seq));
});

test('a fact that was not acknowledged is sent again over the next connection', async () => {
  const queue = createFactQueue(file());
  const acknowledged: number[] = [];
  queue.onStored((fact) => acknowledged.push(fact.restarts));
  let tries = 0;
  queue.connect(async () => {
    tries += 1;
    throw new Error('the connection broke');
  });
  queue.push(draft(7));
  await expect.poll(() => tries).toBe(1);
  expect(acknowledged).toEqual([]);
  const { stored, send } = api();
  queue.connect(send);
  await expect.poll(() => acknowledged).toEqual([7]);
  expect(stored).toHaveLength(1);
});

test('a long absence of the API keeps the newest facts of every claw', async () => {
  const queue = createFactQueue(file());
  queue.push(draft(0, 'ins_b'));
  for (let restarts = 0; restarts < 500; restarts += 1) queue.push(draft(restarts));
  const { stored, send } = api();
  queue.connect(send);
  await expect.poll(() => queue.pending).toBe(0);
  expect(stored.filter((fact) => fact.instanceId === 'ins_b')).toHaveLength(1);
  const own = stored.filter((fact) => fact.instanceId === 'ins_a');
  expect(own.length).toBeLessThan(100);
  expect(own.at(-1)?.restarts).toBe(499);
});
