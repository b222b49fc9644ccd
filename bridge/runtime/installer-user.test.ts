import { chmodSync, chownSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { installNpm } from './install.ts';
import { asInstaller, handToRoot } from './installer-user.ts';

const UID = 54_321;
const STRANGER = 54_322;
const asRoot = describe.runIf(process.getuid?.() === 0);
let base: string;
let folder: string;
let events: string[];
beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'installer-'));
  folder = path.join(base, 'made');
  mkdirSync(folder);
  events = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(base, { recursive: true });
});

const lend = (uid: number | null) => () => ({ uid, end: async () => void events.push('end'), release: () => void events.push('release') });
const inFolder = (name: string): string => path.join(folder, name);

/** Offers an npm that only notes what it was given. */
function pretendNpm(): string {
  const bin = path.join(base, 'bin');
  mkdirSync(bin);
  writeFileSync(
    path.join(bin, 'npm'),
    '#!/bin/sh\nid -u > who\nenv > around\necho "$@" > asked\ncp "$npm_config_userconfig" settings 2>/dev/null\nchmod 4755 asked\n',
    { mode: 0o755 },
  );
  return bin;
}

asRoot('an installer of a bridge that is root', () => {
  beforeEach(() => {
    // mkdtemp lets nobody else in, and installers run as somebody else.
    for (const entry of [base, folder]) chmodSync(entry, 0o755);
  });

  test('runs as somebody else who has the registry settings of root, and leaves what only root can change', async () => {
    const settings = path.join(base, 'settings');
    writeFileSync(settings, 'registry=https://registry.example/\n', { mode: 0o600 });
    vi.stubEnv('npm_config_userconfig', settings);
    await installNpm(folder, 'some-package@1', pretendNpm(), lend(UID));
    expect(readFileSync(inFolder('who'), 'utf8').trim()).toBe(String(UID));
    expect(readFileSync(inFolder('settings'), 'utf8')).toBe('registry=https://registry.example/\n');
    expect(readFileSync(inFolder('around'), 'utf8')).toContain(`HOME=${folder}/`);
    for (const name of ['.', 'package.json', 'who', 'asked']) expect(statSync(inFolder(name))).toMatchObject({ uid: 0, gid: 0 });
    expect(statSync(inFolder('asked')).mode & 0o7777).toBe(0o755);
    expect(existsSync(inFolder('.installer'))).toBe(false);
    expect(events).toEqual(['end', 'release']);
  });

  test('that fails leaves nothing running and no settings behind', async () => {
    const failing = asInstaller(folder, lend(UID), base, () => Promise.reject(new Error('it failed')));
    await expect(failing).rejects.toThrow('it failed');
    expect(existsSync(inFolder('.installer'))).toBe(false);
    expect(events).toEqual(['end', 'release']);
  });

  test('cannot hand over a link that leads out, nor a file of another user, and neither is changed', async () => {
    const victim = path.join(base, 'victim');
    writeFileSync(victim, 'untouched', { mode: 0o600 });
    chownSync(victim, STRANGER, STRANGER);
    symlinkSync(victim, inFolder('link'));
    await expect(handToRoot(folder, UID)).rejects.toThrow(/leads out/);
    rmSync(inFolder('link'));
    linkSync(victim, inFolder('hard'));
    await expect(handToRoot(folder, UID)).rejects.toThrow(/another user/);
    expect(statSync(victim)).toMatchObject({ uid: STRANGER, mode: 0o100600 });
  });

  test('a large installation is handed over bit by bit, so that the daemon goes on answering meanwhile', async () => {
    for (let file = 0; file < 1_000; file += 1) writeFileSync(inFolder(`file-${file}`), '');
    let isOver = false;
    const over = handToRoot(folder, UID).then(() => (isOver = true));
    let turnsMeanwhile = 0;
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      turnsMeanwhile += 1;
    }
    await over;
    expect(turnsMeanwhile).toBeGreaterThan(5);
  });
});

test('npm is told to refuse git dependencies, and finds no git if it does not know how', async () => {
  await installNpm(folder, 'some-package@1', pretendNpm(), lend(null));
  expect(readFileSync(inFolder('asked'), 'utf8')).toContain('--ignore-scripts --allow-git=none');
  expect(readFileSync(inFolder('around'), 'utf8')).toContain('npm_config_git=/bin/false');
});
