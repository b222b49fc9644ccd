import { beforeEach, describe, expect, test } from 'vitest';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';

class Away extends Error {}
const refused = () => new Error('spared');

describe('asking a system that is away', () => {
  let time: number;
  let asked: number;
  let breaker: CircuitBreaker;
  const ask = (error: Error | null): Promise<string> =>
    breaker.run(async () => {
      asked += 1;
      if (error) throw error;
      return 'answer';
    }, refused);
  const failing = async (times: number, error: Error = new Away()) => {
    for (let time = 0; time < times; time += 1) await expect(ask(error)).rejects.toBe(error);
  };

  beforeEach(() => {
    time = 0;
    asked = 0;
    breaker = createCircuitBreaker({ isAway: (error) => error instanceof Away, failures: 3, pauseMs: 100, now: () => time });
  });

  test('ends after a few times in a row, and begins again after a while', async () => {
    await failing(3);
    await expect(ask(null)).rejects.toThrow('spared');
    expect(asked).toBe(3);
    time = 100;
    await expect(ask(null)).resolves.toBe('answer');
    await expect(ask(null)).resolves.toBe('answer');
  });

  test('begins with one request; the others wait for what becomes of it', async () => {
    await failing(3);
    time = 100;
    const answers = await Promise.allSettled([ask(new Away()), ask(null), ask(null)]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(asked).toBe(4);
    time = 150;
    await expect(ask(null)).rejects.toThrow('spared');
    time = 200;
    await expect(ask(null)).resolves.toBe('answer');
  });

  test('goes on while it answers now and then, also with other errors', async () => {
    await failing(2);
    await ask(null);
    await failing(2);
    await failing(5, new Error('its own'));
    await failing(2);
    expect(asked).toBe(12);
  });
});
