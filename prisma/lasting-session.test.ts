import { createServer } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { listenOnLoopback } from '../deploy/local/testing/loopback.ts';
import { keepSession } from './lasting-session.ts';

test('a session that cannot be had is told once for each attempt and tried until it is closed', async () => {
  let attempts = 0;
  const server = createServer((socket) => {
    attempts += 1;
    socket.destroy();
  });
  const port = await listenOnLoopback(server);
  onTestFinished(() => void server.close());
  const lost: string[] = [];
  const prepare = vi.fn(async () => undefined);
  const onReady = vi.fn();
  const session = keepSession({
    url: `postgres://nobody@127.0.0.1:${port}/none`,
    retryMilliseconds: 1,
    prepare,
    onReady,
    onLost: (error) => lost.push(error.message),
  });
  await expect.poll(() => lost.length).toBeGreaterThanOrEqual(5);
  await session.close();
  // What the last attempt still tells after the end is nobody's business any more.
  const told = lost.length;
  const begun = attempts;
  await new Promise((resolve) => server.close(resolve));
  expect([lost.length, attempts - begun <= 1, attempts - told <= 1]).toEqual([told, true, true]);
  expect(prepare).not.toHaveBeenCalled();
  expect(onReady).not.toHaveBeenCalled();
});
