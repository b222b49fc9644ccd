import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../testing/scratch.ts';
import { judgeCapacity, measureCapacity } from './capacity.ts';

const gib = 1024 ** 3;

test('a roomy machine is told how many claws fit beside the platform', () => {
  expect(judgeCapacity({ freeMemoryBytes: 8 * gib, freeDiskBytes: 50 * gib })).toEqual({ problems: [], warnings: [], clawsThatFit: 6 });
});

test('a machine that carries the platform but no claw is warned', () => {
  const verdict = judgeCapacity({ freeMemoryBytes: 2 * gib, freeDiskBytes: 50 * gib });
  expect(verdict).toMatchObject({ problems: [], clawsThatFit: 0 });
  expect(verdict.warnings).toHaveLength(1);
});

test('too little memory or disk forbids the start and says how much is needed', () => {
  const { problems, clawsThatFit } = judgeCapacity({ freeMemoryBytes: 0.5 * gib, freeDiskBytes: 0.5 * gib });
  expect(problems.join(' ')).toContain('0.5 GiB of disk');
  expect(problems.join(' ')).toContain('0.5 GiB of memory');
  expect(clawsThatFit).toBe(0);
});

test('this machine can be measured', () => {
  const { freeMemoryBytes, freeDiskBytes } = measureCapacity(import.meta.dirname);
  expect(freeMemoryBytes).toBeGreaterThan(0);
  expect(freeDiskBytes).toBeGreaterThan(0);
});

test.each([
  ['', 'memory.max', 'memory.current', 'inactive_file'],
  ['memory', 'memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file'],
])('files that a container keeps in memory take none of it away (%s)', (below, limit, usage, cached) => {
  const cgroup = scratchFolder();
  const folder = join(cgroup, below);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, limit), '8000000\n');
  writeFileSync(join(folder, usage), '7900000\n');
  writeFileSync(join(folder, 'memory.stat'), `anon 900000\n${cached} 7000000\nactive_file 0\n`);
  expect(measureCapacity(cgroup, cgroup).freeMemoryBytes).toBe(7_100_000);
});
