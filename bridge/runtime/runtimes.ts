import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { RuntimeRef } from '../../workflows/contracts/workload.ts';
import type { LentUid } from '../exec/uid-pool.ts';
import type { ProcessTable } from '../process/table.ts';
import { installNpm, installPip } from './install.ts';
import { createInstallFolder, type InstallFolder } from './install-folder.ts';
import { enginesOf, nodeFor } from './node.ts';

/** An installed claw version, ready to run. */
export interface PreparedRuntime {
  /** `${RUNTIME_DIR}`. */
  readonly folder: string;
  /** Folders for PATH, most important first. */
  readonly path: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Claw versions of this machine. */
export interface Runtimes {
  /** Installs the version unless it is there. Throws IMAGE_PULL_FAILED. */
  prepare(runtime: RuntimeRef): Promise<PreparedRuntime>;
}

const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/;

/** Installers run under uids from `takeUid`. */
export function createRuntimes(runtimesDir: string, table: ProcessTable, takeUid: () => LentUid): Runtimes {
  const folders = createInstallFolder(runtimesDir, table);
  return { prepare: (runtime) => prepare(runtime, folders, runtimesDir, takeUid) };
}

async function prepare(runtime: RuntimeRef, folders: InstallFolder, runtimesDir: string, takeUid: () => LentUid): Promise<PreparedRuntime> {
  if (!SAFE_NAME.test(runtime.type) || !SAFE_NAME.test(runtime.version)) {
    throw new Failure('IMAGE_PULL_FAILED', `"${runtime.type}" "${runtime.version}" cannot be a folder name.`);
  }
  const { npm, pip } = runtime.install ?? {};
  if (!npm && !pip) {
    const empty = path.join(runtimesDir, 'none');
    mkdirSync(empty, { recursive: true, mode: 0o755 });
    return { folder: empty, path: [await nodeFor(runtime.node, folders, takeUid)], env: {} };
  }
  const installer = await nodeFor(null, folders, takeUid);
  const folder = await folders.install(folderName(runtime), async (target) => {
    if (npm) await installNpm(target, npm, installer, takeUid);
    if (pip) await installPip(target, pip, installer, takeUid);
    for (const name of runtime.remove ?? []) removeInstalled(target, name);
  });
  const node = await nodeFor(runtime.node ?? (npm ? enginesOf(folder, npm) : null), folders, takeUid);
  return {
    folder,
    path: [node, path.join(folder, 'node_modules', '.bin'), path.join(folder, 'lib', 'bin')],
    env: pip ? { PYTHONPATH: path.join(folder, 'lib') } : {},
  };
}

/** Removes a file of an installation; a name that leads out of its folder is refused. */
function removeInstalled(folder: string, name: string): void {
  const file = path.resolve(folder, name);
  if (!file.startsWith(`${folder}${path.sep}`)) throw new Failure('IMAGE_PULL_FAILED', `"${name}" is not a file of the package.`);
  rmSync(file, { force: true });
}

/** The plain version where the package is what its name says; with a hash otherwise, because tenants may use one name for different packages. */
function folderName({ type, version, install }: RuntimeRef): string {
  if (install?.npm === `${type}@${version}` && !install.pip) return `${type}/${version}`;
  const hash = createHash('sha256')
    .update(JSON.stringify([install?.npm ?? null, install?.pip ?? null]))
    .digest('hex')
    .slice(0, 10);
  return `${type}/${version}-${hash}`;
}
