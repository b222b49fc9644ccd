import { expect, it } from 'vitest';
import { growthAllowance, growthRows, type LiveSample } from './live-growth.ts';

const sample = (minute: number, operations: number, mebibytes: number, pid = 7): LiveSample => ({ pid, at: minute * 60_000, operations, mebibytes });

it('judges what is kept from the first rest to the last, against what so many operations may leave', () => {
  const rows = growthRows('bridge', [sample(0, 100, 30), sample(4, 200, 90), sample(8, 300, 31)]);
  expect(rows).toEqual([
    { name: 'bridge: live memory at the end', value: 31, unit: 'MiB', target: null, ok: null },
    { name: 'bridge: live memory grown in 8 min and 200 operations', value: 1, unit: 'MiB', target: growthAllowance(200), ok: true },
  ]);
});

it('finds what each operation leaves behind', () => {
  // 40 KiB each: a workload that is never forgotten.
  const [, grown] = growthRows('worker', [sample(0, 0, 100), sample(15, 300, 100 + (300 * 40) / 1024)]);
  expect(grown).toMatchObject({ ok: false });
});

it('says nothing about one sample, and names a process that was not there all the time', () => {
  expect(growthRows('api', [])).toEqual([]);
  expect(growthRows('api', [sample(0, 0, 100)])).toEqual([]);
  expect(growthRows('api', [sample(0, 0, 100), sample(4, 50, 60, 8)])).toEqual([{ name: 'api: ended by itself', value: 1, unit: '', target: 0, ok: false }]);
});
