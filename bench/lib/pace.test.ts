import { expect, it } from 'vitest';
import { paced } from './pace.ts';

it('sends on time although nobody answers, and counts the waiting time of what is never answered', async () => {
  let sent = 0;
  const result = await paced({ perSecond: 200, seconds: 0.2, patienceSeconds: 0.05 }, () => {
    sent += 1;
    return new Promise(() => undefined);
  });
  expect(sent).toBe(40);
  expect(result).toMatchObject({ failed: 40, achievedPerSecond: 0 });
  expect(result.latencies).toHaveLength(40);
  expect(Math.max(...result.latencies)).toBeGreaterThanOrEqual(200);
});

it('measures from when a request was due, so that a sender that is held up does not hide it', async () => {
  const result = await paced({ perSecond: 100, seconds: 0.2 }, async (index) => {
    if (index !== 0) return true;
    const until = performance.now() + 100;
    while (performance.now() < until);
    return true;
  });
  expect(result.failed).toBe(0);
  expect(result.sentLateMs).toBeGreaterThanOrEqual(80);
  expect(result.latencies.filter((latency) => latency >= 10).length).toBeGreaterThanOrEqual(8);
});

it('counts answers that are none, and those that throw, as failed', async () => {
  const result = await paced({ perSecond: 1000, seconds: 0.01 }, (index) => (index % 2 === 0 ? Promise.resolve(false) : Promise.reject(new Error('cut'))));
  expect(result.failed).toBe(10);
});

it('ends at once when it is told to', async () => {
  const stop = new AbortController();
  const running = paced({ perSecond: 1, seconds: 1000, signal: stop.signal }, () => Promise.resolve(true));
  stop.abort();
  await expect(running).rejects.toThrow(/abort/i);
});
