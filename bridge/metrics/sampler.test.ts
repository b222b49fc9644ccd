import { expect, test } from 'vitest';
import type { ProcessUsage } from '../process/table.ts';
import type { RunningClaw } from '../supervisor.ts';
import { testWorkload } from '../testing/workload.ts';
import { createSampler } from './sampler.ts';

const NO_GROUPS = { pids: () => [], usage: () => ({ cpuMilliseconds: null, memoryBytes: null }) };

function claw(instanceId: string, keeperPid: number, { startedAt = 0, slot = 0, restarts = 0 } = {}): RunningClaw {
  const workload = testWorkload({ instanceId, slug: instanceId.replaceAll('_', '-'), slot });
  const { processHash, filesHash, restartGeneration, resources } = workload;
  const keeper = { pid: keeperPid, start: `boot:${keeperPid}` };
  return { workload, restarts, process: { keeper, pid: keeperPid + 1, startedAt, processHash, filesHash, restartGeneration, resources, oomKillsBefore: 0 } };
}

function used(pid: number, cpuMilliseconds: number, more: Partial<ProcessUsage> = {}): ProcessUsage {
  return { pid, ppid: 1, pgid: 1, uid: 0, cpuMilliseconds, memoryBytes: 1_000, ...more };
}

/** A sampler over a table that the test changes between looks. */
function over(table: { now: readonly ProcessUsage[] }, options: Partial<Parameters<typeof createSampler>[0]> = {}) {
  return createSampler({ table: { usage: () => table.now }, cgroups: NO_GROUPS, uidBase: null, cpus: 2, ...options });
}

test('CPU is the time used between two looks, with that of helpers, and the keeper is no process of the claw', () => {
  const table = { now: [used(10, 0, { pgid: 10 }), used(11, 1_000, { ppid: 10, pgid: 10 })] };
  const sampler = over(table);
  expect(sampler.sample([claw('ins_a', 10)], 10_000)).toEqual([]);
  // A helper in a session of its own is still a child.
  table.now = [used(10, 0, { pgid: 10 }), used(11, 3_000, { ppid: 10, pgid: 10 }), used(12, 3_000, { ppid: 11, pgid: 12 })];
  expect(sampler.sample([claw('ins_a', 10, { restarts: 2 })], 20_000)).toEqual([
    { instanceId: 'ins_a', cpuMillicores: 500, memoryBytes: 3_000, processes: 2, restarts: 2, diskBytes: null },
  ]);
});

test('claws are told apart by uid where they have one, and a stranger belongs to nobody', () => {
  const table = { now: [used(10, 0, { uid: 500 }), used(30, 0, { uid: 501 })] };
  const sampler = over(table, { uidBase: 500 });
  const claws = [claw('ins_a', 10), claw('ins_b', 30, { slot: 1 })];
  sampler.sample(claws, 10_000);
  table.now = [used(10, 0, { uid: 500 }), used(11, 1_000, { uid: 500 }), used(30, 0, { uid: 501 }), used(31, 2_000, { uid: 501 }), used(99, 9_000)];
  expect(sampler.sample(claws, 20_000).map(({ instanceId, cpuMillicores }) => [instanceId, cpuMillicores])).toEqual([
    ['ins_a', 100],
    ['ins_b', 200],
  ]);
});

test('a claw that started after the last look is measured at once, one of which nothing is known waits for the next', () => {
  const table = { now: [] as readonly ProcessUsage[] };
  const sampler = over(table);
  sampler.sample([], 10_000);
  table.now = [used(10, 400, { pgid: 10 }), used(20, 90_000, { pgid: 20 })];
  const samples = sampler.sample([claw('ins_new', 10, { startedAt: 12_000 }), claw('ins_adopted', 20, { startedAt: 3_000 })], 20_000);
  expect(samples.map(({ instanceId, cpuMillicores }) => [instanceId, cpuMillicores])).toEqual([['ins_new', 40]]);
});

test('a restart does not make CPU time negative, and nobody has more than the machine', () => {
  const table = { now: [used(10, 90_000, { pgid: 10 })] };
  const sampler = over(table);
  sampler.sample([claw('ins_a', 10)], 10_000);
  table.now = [used(40, 300, { pgid: 40 })];
  expect(sampler.sample([claw('ins_a', 40, { startedAt: 15_000 })], 20_000)[0]?.cpuMillicores).toBe(30);
  table.now = [used(40, 900_000, { pgid: 40 })];
  expect(sampler.sample([claw('ins_a', 40, { startedAt: 15_000 })], 30_000)[0]?.cpuMillicores).toBe(2_000);
});

test('what a group counts goes before what its processes say, and the table is read once for all', () => {
  let looks = 0;
  let cpuMilliseconds = 1_000;
  const cgroups = { pids: (group: string) => (group === 'ins-a' ? [10, 11] : [20]), usage: () => ({ cpuMilliseconds, memoryBytes: 77 }) };
  const usage = () => {
    looks += 1;
    return [used(10, 1), used(11, 2), used(20, 1)];
  };
  const sampler = createSampler({ table: { usage }, cgroups, uidBase: null, cpus: 2 });
  const claws = [claw('ins_a', 10), claw('ins_b', 20)];
  sampler.sample(claws, 10_000);
  cpuMilliseconds = 2_000;
  expect(sampler.sample(claws, 20_000)[0]).toMatchObject({ instanceId: 'ins_a', cpuMillicores: 100, memoryBytes: 77, processes: 1 });
  expect(looks).toBe(2);
});
