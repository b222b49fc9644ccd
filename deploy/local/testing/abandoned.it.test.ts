import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startPlatform } from '../platform.ts';
import { isAlive } from '../supervisor/process-identity.ts';
import { readState } from '../supervisor/state-file.ts';
import { removeAbandonedPlatforms } from './abandoned.ts';
import { ended, printed, spawnNode } from './child.ts';
import { scratchFolder } from './scratch.ts';

test('what a killed test run left is stopped and removed; a running platform and a folder that is just beginning stay', async () => {
  const folder = scratchFolder();
  const module = new URL('../platform.ts', import.meta.url).href;
  const abandoned = join(folder, 'clawloops-test-abandoned');
  const run = spawnNode(
    `const { startPlatform } = await import(${JSON.stringify(module)}); await startPlatform({ dataDir: ${JSON.stringify(abandoned)}, parts: ['temporal'] }); console.log('started');`,
  );
  await printed(run, 'started');
  const left = readState(abandoned)!.parts[0]!.identity!;
  run.kill('SIGKILL');
  await ended(run);
  expect(isAlive(left)).toBe(true);

  const running = join(folder, 'clawloops-test-running');
  const platform = await startPlatform({ dataDir: running, parts: ['temporal'] });
  onTestFinished(() => platform.stop());
  const beginning = join(folder, 'clawloops-test-beginning');
  mkdirSync(beginning);

  await removeAbandonedPlatforms(folder);
  expect(isAlive(left)).toBe(false);
  expect(existsSync(abandoned)).toBe(false);
  expect(existsSync(beginning)).toBe(true);
  expect(platform.part('temporal').state).toBe('running');
});
