import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../testing/scratch.ts';
import { buildPrograms } from './programs.ts';

test('claw and claw-bridge become single files that run without the clone and its packages', async () => {
  const folder = join(scratchFolder(), 'dist');
  const built = await buildPrograms(folder);
  expect(built.map(({ name }) => name)).toEqual(['claw', 'claw-bridge']);

  const claw = spawnSync(process.execPath, [join(folder, 'claw.mjs'), '--help'], { encoding: 'utf8', cwd: folder });
  expect(claw.status, claw.stderr).toBe(0);
  expect(claw.stdout).toContain('Usage: claw');

  const bridge = spawnSync(process.execPath, [join(folder, 'claw-bridge.mjs')], { encoding: 'utf8', cwd: folder, env: { PATH: process.env.PATH } });
  expect(bridge.status).toBe(1);
  expect(bridge.stderr).toContain('BRIDGE_API_URL');
});
