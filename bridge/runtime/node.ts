import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import semver from 'semver';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { LentUid } from '../exec/uid-pool.ts';
import { installNpm } from './install.ts';
import type { InstallFolder } from './install-folder.ts';
import { isReachable } from './reachable.ts';

/** Folder of a Node that satisfies the range and that every uid can run; installs one when needed. null = any version will do. */
export async function nodeFor(range: string | null, folders: InstallFolder, takeUid: () => LentUid): Promise<string> {
  const ours = process.versions.node;
  if (range !== null && semver.validRange(range) === null) throw new Failure('IMAGE_PULL_FAILED', `"${range}" is not a range of Node versions.`);
  if (range === null || semver.satisfies(ours, range)) {
    if (isReachable(process.execPath)) return path.dirname(process.execPath);
    return path.join(await folders.install(`node/${ours}`, async (folder) => copyOurNode(folder)), 'bin');
  }
  const installed = await folders.install(`node/${safeName(range)}`, async (folder) =>
    installNode(folder, range, await nodeFor(null, folders, takeUid), takeUid),
  );
  return path.join(installed, 'bin');
}

/** The range of Node versions that an installed npm package asks for, or null. */
export function enginesOf(runtimeFolder: string, spec: string): string | null {
  const name = /^(@[^/]+\/[^@]+|[^@]+)/.exec(spec)?.[1] ?? '';
  try {
    const manifest = JSON.parse(readFileSync(path.join(runtimeFolder, 'node_modules', name, 'package.json'), 'utf8')) as { engines?: { node?: string } };
    return manifest.engines?.node ?? null;
  } catch {
    return null;
  }
}

function copyOurNode(folder: string): void {
  const target = path.join(folder, 'bin', 'node');
  mkdirSync(path.dirname(target), { recursive: true });
  try {
    linkSync(process.execPath, target);
  } catch {
    copyFileSync(process.execPath, target);
  }
  chmodSync(target, 0o755);
}

/** Node's platform packages carry the binary and no script. */
async function installNode(folder: string, range: string, installer: string, takeUid: () => LentUid): Promise<void> {
  const name = `node-${process.platform}-${process.arch}`;
  await installNpm(folder, `${name}@${range}`, installer, takeUid);
  const packages = path.join(folder, 'node_modules');
  const binary = readdirSync(packages)
    .map((entry) => path.join(packages, entry, 'bin', 'node'))
    .find((file) => existsSync(file));
  if (!binary) throw new Failure('IMAGE_PULL_FAILED', `The package ${name} holds no Node.`);
  mkdirSync(path.join(folder, 'bin'), { recursive: true });
  linkSync(binary, path.join(folder, 'bin', 'node'));
}

/** Readable, and different for ranges that differ only in what a folder name cannot hold. */
function safeName(range: string): string {
  const hash = createHash('sha256').update(range).digest('hex').slice(0, 6);
  return `${range.replace(/[^A-Za-z0-9.]+/g, '_')}-${hash}`;
}
