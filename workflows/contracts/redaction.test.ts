import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { redactLogLine, redactSecrets, scrub } from './redaction.ts';

/** Every usual way to write the same secret. */
const forms = (secret: string): string[] => [
  secret,
  Buffer.from(secret).toString('base64'),
  Buffer.from(secret).toString('base64url'),
  Buffer.from(secret).toString('hex'),
  encodeURIComponent(secret),
];

describe('scrubbing', () => {
  test.each([
    ['an address with credentials', 'connect postgresql://app:hunter2pass@127.0.0.1:5432/db failed', 'hunter2pass'],
    ['a query', 'GET http://host:1/setup?code=hunter2', 'hunter2'],
    ['a header', 'authorization: Bearer hunter2token', 'hunter2token'],
    ['a setting', 'password=hunter2', 'hunter2'],
    ['JSON', '{"apiKey":"hunter two","x":1}', 'hunter two'],
    ['a key of ours', 'key clp_0123abcd_secretpart was refused', 'secretpart'],
    ['a provider key', 'sk-proj-abcdefghijklmnop', 'abcdefghijklmnop'],
    ['a sealed secret', 'eyJhbGciOiJBMjU2R0NN.aaaa.bbbb.cccc.dddd', 'cccc'],
    ['an e-mail address', 'user ada@example.com signed in', 'ada@example'],
  ])('takes the secret out of %s', (_what, text, secret) => {
    expect(scrub(text)).not.toContain(secret);
  });

  test('takes out random keys of any alphabet wherever they stand', () => {
    for (let round = 0; round < 500; round += 1) {
      for (const secret of [randomBytes(24).toString('base64url'), randomBytes(24).toString('base64'), randomBytes(20).toString('hex')]) {
        for (const form of forms(secret)) {
          const left = scrub(`refused "${form}" by x`);
          // A dozen characters in a row would tell which key it was.
          for (let at = 0; at + 12 <= form.length; at += 1) if (left.includes(form.slice(at, at + 12))) expect.fail(`${form} left ${left}`);
        }
      }
    }
  });

  test('keeps what a supporter needs', () => {
    for (const text of [
      'instance ins_01kah3v5c0q2m4x6z8bb of hst_01kah3v5c0q2m4x6z8ee is Failed: CRASH_LOOP',
      'request 0198c1f2-7d3a-7b9e-8a55-0123456789ab took 12 ms',
      'at serveApi (deploy/local/supervisor/managed-process.ts:120:15)',
      'There is no such path. Start the Temporal server; accepted work is kept.',
      'http://127.0.0.1:7700/api/v1/instances',
      'workflow instance/ins_01kah3v5c0q2m4x6z8bb, step deliver-model-key',
    ])
      expect(scrub(text)).toBe(text);
  });
});

describe('a line of a log', () => {
  test('keeps known fields only', () => {
    const line = { level: 40, msg: 'a claw failed', body: 'what somebody wrote', headers: { cookie: 'x' }, err: { message: 'password=abc', config: 'x' } };
    expect(JSON.parse(redactLogLine(JSON.stringify(line)) ?? '')).toEqual({ level: 40, msg: 'a claw failed', err: { message: 'password=<redacted>' } });
  });

  test('is left out where it repeats what was written', () => {
    expect(redactLogLine("2026-11-21 [1] db STATEMENT:  INSERT INTO x VALUES ('what somebody wrote')")).toBeNull();
    expect(redactLogLine("\tVALUES ('more of it')")).toBeNull();
    expect(redactLogLine('2026-11-21 [1] LOG:  database system is ready')).toBe('2026-11-21 [1] LOG:  database system is ready');
  });
});

test('of a change nothing is kept that is called like a secret or looks like one, and everything else', () => {
  const kept = { name: 'sales-bot', email: 'ada@example.com', model: 'acme/gpt-5-mini', credential: { present: true }, tokenId: 'key_1', maxTokens: 4096 };
  expect(redactSecrets(kept)).toEqual(kept);
  const hidden = {
    password: 'hunter2',
    apiKey: 'abc',
    authorization: 'x',
    overrides: [{ key: 'channels.slack.botToken', value: 'short' }],
    env: { NOTE: 'use sk-proj-abcdefghijklmnop1234' },
    url: 'https://ada:pw@example.com/x?token=1',
  };
  const told = JSON.stringify(redactSecrets(hidden));
  for (const secret of ['hunter2', 'abc"', '"x"', 'short', 'sk-proj', 'pw@', 'token=1']) expect(told, secret).not.toContain(secret);
  expect(redactSecrets({ text: 'x'.repeat(20_000) })).toEqual({ text: expect.stringMatching(/^x{10000}… \(20000 characters\)$/) });
});
