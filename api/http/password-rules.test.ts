import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPasswordRules } from './password-rules.ts';

const STOLEN = 'velvet-otter-sails-north';
const PADDING = 'copper-violin-under-rain';
const hash = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase();

/** A list of stolen passwords on loopback, as the service answers. */
let server: Server;
let rangeUrl: string;
const asked: string[] = [];
const lines: string[] = [];
const logger = pino(
  new Writable({
    write: (line, _encoding, done) => {
      lines.push(String(line));
      done();
    },
  }),
);

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(`${'0'.repeat(35)}:3\r\n${hash(STOLEN).slice(5)}:52\r\n${hash(PADDING).slice(5)}:0`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  rangeUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

test.each(['password1234', 'aaaaaaaaaaaaaaaa', 'qwertyuiop123', 'clawloops2026'])('%s is too easy to guess', async (password) => {
  const rules = createPasswordRules({ rangeUrl: null, logger });
  await expect(rules.check(password, '/password')).rejects.toMatchObject({ code: 'PASSWORD_WEAK', details: { errors: [{ path: '/password' }] } });
});

test('what a person is called does not make a password', async () => {
  const rules = createPasswordRules({ rangeUrl: null, logger });
  await expect(rules.check('lovelace-ada1', '/password', ['Ada Lovelace', 'ada.lovelace@example.com'])).rejects.toMatchObject({ code: 'PASSWORD_WEAK' });
  await rules.check('velvet-otter-sails-north', '/password', ['Ada Lovelace']);
});

test('a stolen password is refused, and the list learns five characters of its digest', async () => {
  const rules = createPasswordRules({ rangeUrl, logger });
  await expect(rules.check(STOLEN, '/newPassword')).rejects.toMatchObject({ code: 'PASSWORD_BREACHED', details: { errors: [{ path: '/newPassword' }] } });
  expect(asked.at(-1)).toBe(`/range/${hash(STOLEN).slice(0, 5)}`);
  // Padded answers name passwords that were never stolen.
  await rules.check(PADDING, '/password');
});

test('a list that cannot be asked stops nobody, and the log says so without the password', async () => {
  const rules = createPasswordRules({ rangeUrl: 'http://127.0.0.1:9/range', logger });
  await rules.check(STOLEN, '/password');
  expect(lines.join('')).toContain('could not be asked');
  expect(lines.join('')).not.toContain(STOLEN);
});
