import { chmodSync, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cached, cacheKey, cacheRoot } from './cache.ts';
import { findPython, pipInstallWheel, uvEnvironment } from './python.ts';
import { run } from './run.ts';
import { type EnvironmentTool, lockDigest, lockPath, type ToolName, versions, type WheelTool } from './versions.ts';

/** Where a tool came from, as `npm run status` shows it. */
export const ToolSource = { Configured: 'configured', Path: 'PATH', Cache: 'cache', Wheel: 'wheel', Npm: 'npm' } as const;
export type ToolSource = (typeof ToolSource)[keyof typeof ToolSource];

/** A tool that can be run. */
export interface Tool {
  readonly name: string;
  readonly path: string;
  readonly version: string;
  readonly source: ToolSource;
}

const resolving = new Map<string, Promise<Tool>>();

/**
 * Finds or fetches a pinned tool: configured path (`CLAWLOOPS_<NAME>`) -> PATH, version checked -> per-user cache -> PyPI wheel
 * by hash. Concurrent callers share one attempt. Throws with the reason when nothing works.
 */
export function resolveTool(name: ToolName, onProgress: (text: string) => void = () => {}): Promise<Tool> {
  const running = resolving.get(name);
  if (running) return running;
  const attempt = resolve(name, onProgress);
  resolving.set(name, attempt);
  attempt.catch(() => resolving.delete(name));
  return attempt;
}

async function resolve(name: ToolName, onProgress: (text: string) => void): Promise<Tool> {
  const pinned = versions.tools[name];
  if (pinned.kind === 'environment') return resolveEnvironment(name, pinned, onProgress);
  return (await findInstalled(name, pinned)) ?? resolveWheel(name, pinned, onProgress);
}

async function findInstalled(name: string, pinned: WheelTool): Promise<Tool | null> {
  const variable = `CLAWLOOPS_${name.toUpperCase()}`;
  const configured = process.env[variable];
  if (configured) {
    if (!(await hasVersion(configured, pinned))) throw new Error(`${variable} does not name ${name} ${pinned.version}. Correct it or unset it.`);
    return { name, path: configured, version: pinned.version, source: ToolSource.Configured };
  }
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, pinned.binary);
    if (folder && existsSync(path) && (await hasVersion(path, pinned))) return { name, path, version: pinned.version, source: ToolSource.Path };
  }
  return null;
}

async function hasVersion(path: string, pinned: WheelTool): Promise<boolean> {
  const output = await run(path, pinned.versionArgs, { timeoutMs: 10_000 }).catch(() => null);
  return output !== null && new RegExp(pinned.versionPattern).test(output.stdout);
}

async function resolveWheel(name: string, pinned: WheelTool, onProgress: (text: string) => void): Promise<Tool> {
  const entry = await cached(
    cacheRoot(),
    'tools',
    cacheKey(name, pinned.version),
    async (folder) => {
      onProgress(`fetching ${name} ${pinned.version}`);
      const python = await findPython(versions.python);
      await pipInstallWheel(python.path, pinned, folder);
      const binary = join(folder, 'bin', pinned.binary);
      chmodSync(binary, 0o755);
      if (!(await hasVersion(binary, pinned)))
        throw new Error(`The wheel ${pinned.package} ${pinned.version} has no working ${pinned.binary} for this machine.`);
    },
    () => onProgress(`waiting for another process that fetches ${name}`),
  );
  return { name, path: join(entry.path, 'bin', pinned.binary), version: pinned.version, source: entry.hit ? ToolSource.Cache : ToolSource.Wheel };
}

async function resolveEnvironment(name: string, pinned: EnvironmentTool, onProgress: (text: string) => void): Promise<Tool> {
  const python = await findPython(pinned.python ?? versions.python);
  const key = `${cacheKey(name, pinned.version)}-py${python.version}-${lockDigest(pinned)}`;
  const entry = await cached(
    cacheRoot(),
    'tools',
    key,
    async (folder) => {
      onProgress(`installing ${name} ${pinned.version}`);
      const uv = await resolveTool('uv', onProgress);
      const env = await uvEnvironment(python.path);
      await run(uv.path, ['venv', '--quiet', '--allow-existing', '--relocatable', '--python', python.path, folder], { env });
      await run(
        uv.path,
        ['pip', 'install', '--quiet', '--python', join(folder, 'bin', 'python'), '--require-hashes', '--compile-bytecode', '--requirement', lockPath(pinned)],
        { env, timeoutMs: 600_000 },
      );
    },
    () => onProgress(`waiting for another process that installs ${name}`),
  );
  return { name, path: join(entry.path, 'bin', pinned.binary), version: pinned.version, source: entry.hit ? ToolSource.Cache : ToolSource.Wheel };
}
