import { expect, test } from 'vitest';
import { captureIo } from '../testing/capture.ts';
import { CliError, ExitCode, formatError, problemError } from './errors.ts';
import { mergeLabels, mergeOverrides, parseLabelPatch, parseOverrides, parseSeconds, parseUrl } from './parse.ts';
import { bytes, displayWidth, dollars, oneLine, safeText, span, table } from './text.ts';

test('a problem document becomes a sentence, its fields, the next step and the request id', () => {
  const error = problemError(422, {
    title: 'The request is not valid.',
    detail: 'The name is not valid.',
    code: 'VALIDATION_FAILED',
    requestId: 'req_7',
    nextStep: 'Correct the fields.',
    errors: [{ path: '/name', message: 'must be lower-case' }],
  });
  expect(formatError(error, captureIo())).toMatchInlineSnapshot(`
    "claw: The name is not valid. (VALIDATION_FAILED)
      /name: must be lower-case
      Next: Correct the fields.
      Request: req_7
    "
  `);
  expect(error.exitCode).toBe(ExitCode.usage);
});

test('an answer that is no problem document still says what happened', () => {
  expect(formatError(problemError(502, undefined, 'req_8'), captureIo())).toBe('claw: The platform answered with status 502. (HTTP_502)\n  Request: req_8\n');
});

test('each kind of refusal has its exit code', () => {
  const codes = [
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [409, 'ILLEGAL_TRANSITION'],
    [412, 'GENERATION_MISMATCH'],
    [422, 'INVALID_CONFIG'],
    [504, 'TIMEOUT'],
    [500, 'INTERNAL'],
  ] as const;
  expect(codes.map(([status, code]) => problemError(status, { code }).exitCode)).toEqual([4, 4, 3, 6, 6, 2, 5, 1]);
});

test('settings read as JSON where they are JSON, and as text otherwise', () => {
  expect(parseOverrides(['model.name=demo', 'agent.maxConcurrent=3', 'flags=["a"]', 'pin="007"', 'empty=', 'expr=a=b'])).toEqual([
    { key: 'model.name', value: 'demo' },
    { key: 'agent.maxConcurrent', value: 3 },
    { key: 'flags', value: ['a'] },
    { key: 'pin', value: '007' },
    { key: 'empty', value: '' },
    { key: 'expr', value: 'a=b' },
  ]);
  expect(() => parseOverrides(['model.name'])).toThrow(CliError);
});

test('set and unset change only the settings they name', () => {
  const before = [
    { key: 'a', value: 1 },
    { key: 'b', value: 2 },
  ];
  expect(
    mergeOverrides(
      before,
      [
        { key: 'c', value: 3 },
        { key: 'a', value: 9 },
      ],
      ['b'],
    ),
  ).toEqual([
    { key: 'a', value: 9 },
    { key: 'c', value: 3 },
  ]);
});

test('a label is set with key=value and removed with key-', () => {
  expect(mergeLabels({ env: 'prod', team: 'a' }, parseLabelPatch(['env=dev', 'team-', 'note=']))).toEqual({ env: 'dev', note: '' });
});

test('times and addresses are read strictly', () => {
  expect([parseSeconds('90'), parseSeconds('5m'), parseSeconds('1h')]).toEqual([90, 300, 3600]);
  expect(() => parseSeconds('soon')).toThrow('not a time');
  expect(parseUrl('http://127.0.0.1:8080/')).toBe('http://127.0.0.1:8080');
  expect(() => parseUrl('file:///etc/passwd')).toThrow('not an http');
  expect(() => parseUrl('https://me:secret@host')).toThrow('must not hold');
});

test('spans, sizes and money read as a person would say them', () => {
  expect([0, 45, 60, 3725, 36_000, 273_600].map(span)).toEqual(['0s', '45s', '1m', '1h2m', '10h', '3d4h']);
  expect([bytes(512), bytes(1536), bytes(8_193_000_000)]).toEqual(['512 B', '1.5 KiB', '7.6 GiB']);
  expect([dollars(0), dollars(1_250_000), dollars(4200)]).toEqual(['$0.00', '$1.25', '$0.0042']);
});

test('a table lines up with wide characters and ends lines without spaces', () => {
  expect(displayWidth('営業bot')).toBe(7);
  expect(
    table(
      ['A', 'B'],
      [
        ['営業', 'x'],
        ['abc', ''],
      ],
    ),
  ).toBe('A     B\n営業  x\nabc\n');
});

test('control characters are taken out of text for a terminal', () => {
  expect(oneLine('a\u001b[31mb\u001b[0m\r\nc')).toBe('ab c');
  expect(safeText('a\u001b]0;title\u0007b\n\tc\u0008')).toBe('ab\n\tc');
});
