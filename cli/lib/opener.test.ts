import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runClaw } from '../program/program.ts';
import { captureIo } from '../testing/capture.ts';
import { openerFor, openInBrowser } from './opener.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claw-open-'));
});
afterEach(() => rm(folder, { recursive: true }));

const platform = { CLAW_URL: 'http://claws.example:7700', CLAW_API_KEY: 'clp_topsecret', XDG_CONFIG_HOME: '/nonexistent' };

/** A person at a desktop whose browser is a script that notes the address it was given. */
function atDesk(): ReturnType<typeof captureIo> {
  const io = captureIo({ terminal: true, env: { ...platform, PATH: `${folder}:/usr/bin:/bin`, DISPLAY: ':0', SEEN: join(folder, 'seen') } });
  return Object.assign(io, { stdin: Object.assign(io.stdin, { isTTY: true }) });
}

async function installBrowser(): Promise<void> {
  for (const name of ['xdg-open', 'open']) {
    await writeFile(join(folder, name), '#!/bin/sh\nprintf "%s" "$1" > "$SEEN.part" && mv "$SEEN.part" "$SEEN"\n');
    await chmod(join(folder, name), 0o755);
  }
}

test('each system has its opener, and one without a display has none', () => {
  expect(openerFor('darwin', {})?.command).toBe('open');
  expect(openerFor('win32', {})?.command).toBe('rundll32.exe');
  expect(openerFor('linux', { WAYLAND_DISPLAY: 'wayland-0' })?.command).toBe('xdg-open');
  expect(openerFor('linux', { WSL_DISTRO_NAME: 'Ubuntu' })?.command).toBe('wslview');
  expect(openerFor('linux', {})).toBeNull();
});

test('the page is printed and opened for a person at a desktop, without the key', async () => {
  await installBrowser();
  const io = atDesk();
  expect(await runClaw(['open', '--operations'], io, '0')).toBe(0);
  expect(io.out()).toBe('http://claws.example:7700/operations\n');
  expect(await vi.waitFor(() => readFile(join(folder, 'seen'), 'utf8'), { timeout: 60_000 })).toBe('http://claws.example:7700/operations');
});

test('a pipe gets the address only, and so does a desktop without an opener', async () => {
  await installBrowser();
  const pipe = captureIo({ env: { ...platform, PATH: folder, DISPLAY: ':0' } });
  expect(await runClaw(['open'], pipe, '0')).toBe(0);
  expect([pipe.out(), pipe.err()]).toEqual(['http://claws.example:7700/\n', '']);
  expect(await openInBrowser(pipe, 'http://claws.example:7700/', 'linux')).toBe(false);
  expect(await openInBrowser({ ...atDesk(), env: { PATH: join(folder, 'empty'), DISPLAY: ':0' } }, 'http://claws.example:7700/', 'linux')).toBe(false);
});

test('a page of an instance needs its name, and only one page is opened', async () => {
  for (const argv of [
    ['open', '--logs'],
    ['open', '--chat'],
    ['open', 'bot', '--logs', '--chat'],
  ]) {
    const io = captureIo({ env: platform });
    expect({ argv, code: await runClaw(argv, io, '0') }).toEqual({ argv, code: 2 });
    expect(io.err()).toMatch(/^claw: /);
  }
});
