import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

/** What a process of its own writes when it does this with its log. */
function written(script: string): string[] {
  const file = JSON.stringify(path.join(import.meta.dirname, 'log.ts'));
  const { stdout } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `const { createLog } = await import(${file});\nconst log = createLog('info');\n${script}`],
    {
      encoding: 'utf8',
    },
  );
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
}

test('a log tells more after an order, and as much as before when the order is taken back', () => {
  const lines = written(`
    log.debug({}, 'one');
    log.turn({ level: 'debug', leftMilliseconds: 60000 });
    log.debug({}, 'two');
    log.turn(null);
    log.debug({}, 'three');
  `);
  expect(lines).toEqual(['the log level changed', 'two', 'the log level changed']);
});

test('an order ends by itself, and one for a level that there is not changes nothing', () => {
  const lines = written(`
    log.turn({ level: 'loud', leftMilliseconds: 1 });
    log.turn({ level: 'debug', leftMilliseconds: 1 });
    log.debug({}, 'told');
    // Timers end in their order: this one after the one that ends the order.
    await new Promise((resolve) => setTimeout(resolve, 2));
    log.debug({}, 'not told');
  `);
  expect(lines).toEqual(['the log level changed', 'told', 'the log level changed']);
});
