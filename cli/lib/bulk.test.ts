import { expect, test } from 'vitest';
import { runClaw } from '../program/program.ts';
import { captureIo } from '../testing/capture.ts';
import { NOW, sampleInstance } from '../testing/samples.ts';
import { formatAffected } from '../views/affected.ts';
import { refusalError } from './bulk.ts';
import { CliError, ExitCode, formatError } from './errors.ts';

const context = { now: NOW, paint: (_format: unknown, text: string) => text };

test('who is affected is shown with what they are doing and the labels that made them match', () => {
  const busy = sampleInstance({
    name: 'research',
    labels: { env: 'prod' },
    status: { phase: 'Running', operation: { id: 'op_01kah3v5c0q2m4x6z8ff', kind: 'restart', state: 'running' } },
  });
  expect(formatAffected('stop', 'env=prod', [sampleInstance(), busy], context)).toMatchInlineSnapshot(`
    "stop: 2 instances with env=prod
      NAME       PHASE    TYPE      OPERATION        LABELS
      sales-bot  Running  openclaw  -                env=prod,team=sales
      research   Running  openclaw  restart running  env=prod
    "
  `);
});

test('a long list says how many more there are and how to see them', () => {
  const many = Array.from({ length: 43 }, (_, index) => sampleInstance({ name: `bot-${index}` }));
  const lines = formatAffected('kill', 'env=prod', many, context).split('\n');
  expect([lines[0], lines.at(-3)?.trim().split(' ')[0], lines.at(-2)]).toEqual([
    'kill: 43 instances with env=prod',
    'bot-39',
    '  and 3 more: claw get --labels env=prod',
  ]);
});

test('those that were refused are told together, each with its reason', () => {
  const illegal = new CliError(ExitCode.conflict, 'stop is not possible while the instance is Stopped.', { code: 'ILLEGAL_TRANSITION' });
  const error = refusalError(
    [
      { name: 'sales-bot', error: illegal },
      { name: 'research', error: new CliError(ExitCode.notFound, 'It is gone.') },
    ],
    5,
  );
  expect(error?.exitCode).toBe(1);
  expect(formatError(error as CliError, captureIo())).toMatchInlineSnapshot(`
    "claw: 2 of 5 could not be done. (PARTLY_REFUSED)
      sales-bot: stop is not possible while the instance is Stopped. (ILLEGAL_TRANSITION)
      research: It is gone.
      Next: The others are done or under way: claw get
    "
  `);
  expect(refusalError([], 5)).toBeNull();
  expect(refusalError([{ name: 'a', error: illegal }], 1)?.details.nextStep).toBeUndefined();
});

test('a command is never for all instances because nothing was said, nor for names and labels at once', async () => {
  for (const verb of ['start', 'stop', 'restart', 'kill', 'destroy']) {
    for (const rest of [[], ['bot', '--labels', 'env=dev'], ['--labels', ' ', '--yes']]) {
      const io = captureIo({ env: { CLAW_URL: 'http://127.0.0.1:1', CLAW_API_KEY: 'clp_x' } });
      expect({ verb, rest, code: await runClaw([verb, ...rest], io, '0') }).toEqual({ verb, rest, code: 2 });
      expect(io.err()).toMatch(/^claw: /);
    }
  }
});
