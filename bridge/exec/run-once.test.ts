import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runOnce } from './run-once.ts';

let dataDir: string;
let events: string[];
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'exec-'));
  events = [];
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const scratch = (): string[] => (existsSync(path.join(dataDir, 'scratch')) ? readdirSync(path.join(dataDir, 'scratch')) : []);

function run(command: string[], end: () => Promise<void> = async () => undefined) {
  const request = { runtime: { type: 'none', version: '1', install: null, node: null }, command, env: {}, files: [], timeoutSeconds: 30 };
  const runtimes = { prepare: async () => ({ folder: dataDir, path: [path.dirname(process.execPath)], env: {} }) };
  const takeUid = () => ({
    uid: null,
    end: async () => {
      events.push(`end with ${scratch().length} folder`);
      await end();
    },
    release: () => void events.push(`release with ${scratch().length} folder`),
  });
  return runOnce(request, { dataDir, runtimes, takeUid });
}

test('what a command left running is ended before its folder is removed, and only then its uid is free', async () => {
  expect(await run(['/bin/sh', '-c', 'echo said'])).toMatchObject({ ok: true, exitCode: 0, stdout: 'said\n' });
  expect(events).toEqual(['end with 1 folder', 'release with 0 folder']);
});

test('the uid is given back even when the folder cannot be removed or the command not be run', async () => {
  await expect(run(['/bin/sh', '-c', ':'], () => Promise.reject(new Error('it does not end')))).rejects.toThrow('it does not end');
  await expect(run(['/nonexistent/program'])).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(events.filter((event) => event.startsWith('release'))).toHaveLength(2);
});
