import { expect, test } from 'vitest';
import { cpuMillis, quantityBytes } from './quantities.ts';

test.each([
  ['500m', 500],
  ['1', 1000],
  ['1.5', 1500],
  ['0.25', 250],
])('cpu %s is %d millis', (quantity, millis) => {
  expect(cpuMillis(quantity)).toBe(millis);
});

test.each([
  ['512Mi', 512 * 2 ** 20],
  ['2Gi', 2 * 2 ** 30],
  ['1G', 1e9],
  ['1024', 1024],
  ['1.5Ki', 1536],
])('%s is %d bytes', (quantity, bytes) => {
  expect(quantityBytes(quantity)).toBe(bytes);
});

test.each([[''], ['-1'], ['1 Gi'], ['1Gb'], ['abc'], ['1e3'], ['9999999999999Ti']])('%j is no quantity', (quantity) => {
  expect(quantityBytes(quantity)).toBeNull();
});

test.each([[''], ['m'], ['-1'], ['1.23456'], ['1Gi']])('%j is no amount of cpu', (quantity) => {
  expect(cpuMillis(quantity)).toBeNull();
});
