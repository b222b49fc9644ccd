import { expect, test } from 'vitest';
import { bytesQuantity, cpuMillis, cpuQuantity, quantityBytes } from './quantities.ts';

test.each([
  ['500m', 500],
  ['1', 1000],
  ['1.5', 1500],
  ['0.25', 250],
  ['16.1', 16_100],
  ['1.5m', 2],
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

test.each([
  [8000, '8'],
  [500, '500m'],
  [1500, '1500m'],
  [0, '0'],
])('%d millis are written %s and read as what they were', (millis, quantity) => {
  expect(cpuQuantity(millis)).toBe(quantity);
  expect(cpuMillis(quantity)).toBe(millis);
});

test.each([
  [2 * 2 ** 30, '2Gi'],
  [1536 * 2 ** 20, '1536Mi'],
  [1e9, '1G'],
  [1_000_001, '1000001'],
  [0, '0'],
])('%d bytes are written %s and read as what they were', (bytes, quantity) => {
  expect(bytesQuantity(bytes)).toBe(quantity);
  expect(quantityBytes(quantity)).toBe(bytes);
});
