import { expect, test } from 'vitest';
import { METRIC_BATCH_TICKS, type MetricTick } from '../../workflows/contracts/metrics.ts';
import { createTickQueue } from './tick-queue.ts';

const tick = (second: number): MetricTick => ({
  at: new Date(second * 1000).toISOString(),
  host: { cpuMillicores: 1, memoryBytes: 1, diskUsedBytes: 1, diskTotalBytes: 1, load1: 0 },
  claws: [],
});
const seconds = (ticks: readonly MetricTick[]) => ticks.map(({ at }) => Date.parse(at) / 1000);

test('while nobody takes them only the newest ticks are kept, and they go in batches when somebody does', async () => {
  const queue = createTickQueue(50);
  for (let second = 0; second < 80; second += 1) queue.push(tick(second));
  expect(queue.pending).toBe(50);
  const sent: number[][] = [];
  queue.connect(async (ticks) => void sent.push(seconds(ticks)));
  await expect.poll(() => queue.pending).toBe(0);
  expect(sent.map((batch) => [batch[0], batch.length])).toEqual([
    [30, METRIC_BATCH_TICKS],
    [60, 20],
  ]);
});

test('a batch that was not confirmed is kept and goes again with the next tick, one at a time', async () => {
  const queue = createTickQueue(10);
  const sent: number[][] = [];
  let fails = true;
  queue.connect(async (ticks) => {
    sent.push(seconds(ticks));
    if (fails) throw new Error('no database');
  });
  queue.push(tick(1));
  await expect.poll(() => sent.length).toBe(1);
  expect(queue.pending).toBe(1);
  fails = false;
  queue.push(tick(2));
  await expect.poll(() => queue.pending).toBe(0);
  expect(sent).toEqual([[1], [1, 2]]);
});
