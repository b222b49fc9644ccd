import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { limitTime } from './time-limit.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('aborts when the time is up', () => {
  const { signal } = limitTime(1_000, new AbortController().signal);
  vi.advanceTimersByTime(999);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(signal.aborted).toBe(true);
});

it('aborts with the signal that it was given', () => {
  const stop = new AbortController();
  const { signal } = limitTime(1_000, stop.signal);
  stop.abort();
  expect(signal.aborted).toBe(true);
});

it('keeps nothing until the time is up once its work has ended', () => {
  const limits = Array.from({ length: 100 }, () => limitTime(900_000, new AbortController().signal));
  for (const { end } of limits) end();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(900_000);
  expect(limits.some(({ signal }) => signal.aborted)).toBe(false);
});
