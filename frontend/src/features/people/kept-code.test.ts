import { expect, it } from 'vitest';
import { dropCode, takeCode } from './kept-code.ts';

function drawer() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

it('the code of a link waits while somebody signs in, and is forgotten once it is of no more use', () => {
  const tab = drawer();
  expect(takeCode('', tab)).toBe('');
  expect(takeCode('#inv_first', tab)).toBe('inv_first');
  expect(takeCode('', tab)).toBe('inv_first');
  expect(takeCode('#inv_second', tab)).toBe('inv_second');
  expect(takeCode('', tab)).toBe('inv_second');
  dropCode(tab);
  expect(takeCode('', tab)).toBe('');
});
