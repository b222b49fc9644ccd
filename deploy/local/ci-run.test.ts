import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot } from './platform.ts';
import { scratchFolder } from './testing/scratch.ts';

/** Runs the script in an empty clone where npm answers as told: what is tested is how the script adds up and what it returns. */
function runWith({ check, tests }: { check: string; tests: string }) {
  const clone = scratchFolder();
  mkdirSync(join(clone, '.ci'));
  mkdirSync(join(clone, 'bin'));
  cpSync(join(repositoryRoot, '.ci/run'), join(clone, '.ci/run'));
  const npm = join(clone, 'bin/npm');
  writeFileSync(npm, `#!/bin/sh\ncase "$*" in *check*) ${check};; *test*) ${tests};; esac\n`);
  chmodSync(npm, 0o755);
  const { status, stdout } = spawnSync(join(clone, '.ci/run'), {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(clone, 'bin')}${delimiter}${process.env.PATH}` },
  });
  return { status, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

const checksPass = 'echo \'{"passed":6,"failed":0}\' > "$CLAWLOOPS_CHECK_SUMMARY"';

test('checks and tests are added up, and all good is exit code 0', () => {
  expect(runWith({ check: checksPass, tests: 'echo "41 passed, 0 failed"' })).toEqual({ status: 0, lastLine: '47 passed, 0 failed' });
});

test('a failed check counts as a failed one, and the tests run all the same', () => {
  const check = 'echo \'{"passed":4,"failed":2}\' > "$CLAWLOOPS_CHECK_SUMMARY"; exit 1';
  expect(runWith({ check, tests: 'echo "41 passed, 0 failed"' })).toEqual({ status: 1, lastLine: '45 passed, 2 failed' });
});

test('failed tests fail the run', () => {
  expect(runWith({ check: checksPass, tests: 'echo "40 passed, 1 failed"; exit 1' })).toEqual({ status: 1, lastLine: '46 passed, 1 failed' });
});

test('a command that dies without counting is one failure, not a success', () => {
  expect(runWith({ check: 'exit 137', tests: 'exit 137' })).toEqual({ status: 1, lastLine: '0 passed, 2 failed' });
});

test('a failure that the counts do not show is still a failure', () => {
  expect(runWith({ check: checksPass, tests: 'echo "41 passed, 0 failed"; exit 1' })).toEqual({ status: 1, lastLine: '47 passed, 1 failed' });
});

test('only the line of the whole run counts, not those of single suites', () => {
  expect(runWith({ check: checksPass, tests: 'echo "7 passed, 3 failed"; echo "41 passed, 0 failed"' })).toEqual({
    status: 0,
    lastLine: '47 passed, 0 failed',
  });
});
