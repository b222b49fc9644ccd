import { expect, test } from 'vitest';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { newId } from './ids.ts';

test('ids sort as they were made, also those of one millisecond', () => {
  const ids = Array.from({ length: 5_000 }, () => newId(IdPrefix.event));
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});
