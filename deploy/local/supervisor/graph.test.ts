import { expect, test } from 'vitest';
import { runGraph, withDependencies } from './graph.ts';

function node(name: string, needs: string[], run: () => Promise<void>) {
  return { name, needs, run };
}

test('a step runs after everything it needs and beside everything it does not', async () => {
  const events: string[] = [];
  let releaseB = () => {};
  const bMayEnd = new Promise<void>((resolve) => {
    releaseB = resolve;
  });
  await runGraph([
    node('c', ['a', 'b'], async () => void events.push('c')),
    node('a', [], async () => {
      events.push('a');
      releaseB();
    }),
    node('b', [], async () => {
      // Ends only because `a` runs at the same time.
      await bMayEnd;
      events.push('b');
    }),
  ]);
  expect(events).toEqual(['a', 'b', 'c']);
});

test('after a failure nothing new begins, what runs may end, and the first error is the answer', async () => {
  const events: string[] = [];
  const run = runGraph([
    node('slow', [], async () => {
      await new Promise((resolve) => setImmediate(resolve));
      events.push('slow ended');
    }),
    node('bad', [], () => Promise.reject(new Error('bad'))),
    node('later', ['slow', 'bad'], async () => void events.push('later')),
  ]);
  await expect(run).rejects.toThrow('bad');
  expect(events).toEqual(['slow ended']);
});

test('steps that need each other are refused', async () => {
  await expect(runGraph([node('a', ['b'], async () => {}), node('b', ['a'], async () => {})])).rejects.toThrow('a -> b -> a');
});

test('asking for a part brings what it needs and nothing else', () => {
  const parts = [
    { name: 'api', needs: ['seed'] },
    { name: 'seed', needs: ['postgres'] },
    { name: 'postgres', needs: [] },
    { name: 'litellm', needs: [] },
  ];
  expect([...withDependencies(parts, ['api'])].sort()).toEqual(['api', 'postgres', 'seed']);
  expect(() => withDependencies(parts, ['nothing'])).toThrow('no part called "nothing"');
});
