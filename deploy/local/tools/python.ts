import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';
import type { WheelTool } from './versions.ts';

/** Finds a Python of at least `minimum` ("3.10") in PATH; throws with what to do when there is none. */
export async function findPython(minimum: string): Promise<{ path: string; version: string }> {
  const [major, minor] = minimum.split('.').map(Number);
  for (const name of ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python']) {
    const probe = await run(name, ['-c', 'import sys; print(sys.executable); print("%d %d %d" % sys.version_info[:3])']).catch(() => null);
    const [path, numbers] = probe?.stdout.trim().split('\n') ?? [];
    if (!path || !numbers) continue;
    const [foundMajor = 0, foundMinor = 0] = numbers.split(' ').map(Number);
    if (foundMajor === major && foundMinor >= (minor ?? 0)) return { path, version: numbers.replaceAll(' ', '.') };
  }
  throw new Error(`Python ${minimum} or newer was not found. Install it (Debian: apt install python3 python3-pip) and try again.`);
}

/**
 * Installs one wheel into `folder` (its programs in `folder/bin`) with the pip that the machine has configured; pip refuses
 * anything whose sha256 is not listed. No virtual environment is needed, which Debian ships separately.
 */
export async function pipInstallWheel(python: string, tool: WheelTool, folder: string): Promise<void> {
  const requirements = join(folder, 'requirements.txt');
  writeFileSync(requirements, `${tool.package}==${tool.version} ${tool.sha256.map((hash) => `--hash=sha256:${hash}`).join(' ')}\n`);
  const args = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-input',
    '--no-deps',
    '--only-binary=:all:',
    '--require-hashes',
    '--target',
    folder,
    '--requirement',
    requirements,
  ];
  try {
    await run(python, args, { timeoutMs: 300_000 });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (text.includes('No module named pip')) throw new Error('This Python has no pip. Install it (Debian: apt install python3-pip) and try again.');
    if (!text.includes('externally-managed-environment')) throw error;
    // Nothing of the system is touched (--target), but some distributions guard every pip install.
    await run(python, [...args, '--break-system-packages'], { timeoutMs: 300_000 });
  }
}

/**
 * Environment for `uv` that makes it use what pip is configured to use on this machine: uv does not read pip's settings.
 * Values are passed on and never printed. Settings that uv has of its own win.
 */
export async function uvEnvironment(python: string): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = { ...process.env, UV_PYTHON_DOWNLOADS: 'never', UV_NO_PROGRESS: '1' };
  const configured = await run(python, ['-m', 'pip', 'config', 'list']).catch(() => ({ stdout: '' }));
  const settings = new Map<string, string>();
  for (const line of configured.stdout.split('\n')) {
    const match = /^(?:global|install|:env:)\.([a-z-]+)='(.*)'$/.exec(line.trim());
    if (match?.[1] && match[2]) settings.set(match[1], match[2]);
  }
  const carryOver = (name: string, setting: string) => {
    const value = settings.get(setting);
    if (value && !env[name]) env[name] = value.replaceAll('\\n', ' ').trim();
  };
  if (!env.UV_INDEX_URL) carryOver('UV_DEFAULT_INDEX', 'index-url');
  if (!env.UV_EXTRA_INDEX_URL) carryOver('UV_INDEX', 'extra-index-url');
  carryOver('UV_FIND_LINKS', 'find-links');
  carryOver('SSL_CERT_FILE', 'cert');
  return env;
}
