import { expect, test } from 'vitest';
import { SecretHider } from './hide-secrets.ts';

const SECRET = 'tooth-and-nail-4711';
const MODEL_KEY = 'clk_abcdefgh_ijklmnop';
const LINE = `my token is ${SECRET}, my key ${MODEL_KEY}, ü\n`;
const HIDDEN = 'my token is <redacted>, my key <redacted>, ü\n';

const hider = (): SecretHider => new SecretHider(() => [SECRET]);
const take = (from: SecretHider, text: string): string => from.take(Buffer.from(text)).toString();

test('a secret is found wherever the parts are cut, also when nothing comes for a while in between', () => {
  const bytes = Buffer.from(LINE);
  for (let at = 0; at <= bytes.length; at += 1) {
    const cut = hider();
    const parts = [cut.take(bytes.subarray(0, at)), cut.pause(), cut.take(bytes.subarray(at)), cut.end()];
    expect(Buffer.concat(parts).toString()).toBe(HIDDEN);
  }
});

test('lines are given as they end, the unfinished one when nothing more comes', () => {
  const lines = hider();
  expect([take(lines, 'one\ntw'), take(lines, 'o\nthree'), take(lines, ' and more: ')]).toEqual(['one\n', 'two\n', '']);
  expect([lines.pause().toString(), lines.pause().toString()]).toEqual(['three and more: ', '']);
  expect([take(lines, `the end: ${SECRET}`), lines.end().toString(), lines.end().toString()]).toEqual(['', 'the end: <redacted>', '']);
});

test('a secret that the claw got meanwhile is hidden too', () => {
  const secrets = ['the-first-secret'];
  const lines = new SecretHider(() => secrets);
  expect(take(lines, 'the-first-secret the-second-secret\n')).toBe('<redacted> the-second-secret\n');
  secrets.push('the-second-secret');
  expect(take(lines, 'the-first-secret the-second-secret\n')).toBe('<redacted> <redacted>\n');
});
