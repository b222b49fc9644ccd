import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { repositoryRoot } from '../platform.ts';
import { run } from '../tools/run.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function findInPath(): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) if (folder && existsSync(join(folder, name))) return join(folder, name);
  }
  return null;
}

let finding: Promise<string> | null = null;

/**
 * Path of a Chromium: PATH, else Debian's package when root on Debian, else Playwright's own download.
 * Concurrent callers share one attempt. Throws with what to do when there is none.
 */
export function findBrowser(onProgress: (text: string) => void = () => {}): Promise<string> {
  finding ??= find(onProgress);
  return finding;
}

async function find(onProgress: (text: string) => void): Promise<string> {
  const present = findInPath();
  if (present) return present;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    onProgress('installing chromium with apt');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    // Waits for another apt instead of failing: test runs of two clones may start together.
    const options = ['-o', 'DPkg::Lock::Timeout=300', '-qq', '-y'];
    const installed = await run('apt-get', [...options, 'update'], { env, timeoutMs: 300_000 })
      .then(() => run('apt-get', [...options, 'install', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'], { env, timeoutMs: 600_000 }))
      .catch((error: Error) => onProgress(`apt could not install it: ${error.message}`));
    const path = installed ? findInPath() : null;
    if (path) return path;
  }
  const own = chromium.executablePath();
  if (existsSync(own)) return own;
  onProgress('downloading chromium with playwright');
  await run(process.execPath, [join(repositoryRoot, 'node_modules', 'playwright-core', 'cli.js'), 'install', 'chromium'], { timeoutMs: 600_000 }).catch(
    (error: Error) => {
      throw new Error(`No Chromium could be found or installed. Put one in PATH and try again.\n${error.message}`);
    },
  );
  return own;
}
