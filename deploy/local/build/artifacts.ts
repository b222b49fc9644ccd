import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheRoot } from '../tools/cache.ts';
import { withLock } from '../tools/file-lock.ts';
import { run } from '../tools/run.ts';
import { sourceHash } from './source-hash.ts';

const keptPerKind = 4;

/** What is built from our sources is cached by their digest, so that clones and test runs share it; old entries are dropped. */
async function cachedBuild(kind: string, hash: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const root = cacheRoot();
  const { path } = await cached(root, 'build', `${kind}-${hash}`, fill);
  utimesSync(path, new Date(), new Date());
  const area = join(root, 'build');
  const siblings = readdirSync(area)
    .filter((name) => name.startsWith(`${kind}-`))
    .map((name) => join(area, name));
  const newestFirst = siblings
    .map((folder) => ({ folder, usedAt: statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.usedAt - a.usedAt);
  const dayMs = 24 * 3600 * 1000;
  // A younger one may be in use by a platform that runs from another clone.
  for (const old of newestFirst.slice(keptPerKind)) if (Date.now() - old.usedAt > 7 * dayMs) rmSync(old.folder, { recursive: true, force: true });
  return path;
}

/** Generates the database client where the schema has changed since the last time. */
export async function generatePrismaClient(root: string): Promise<void> {
  const output = join(root, 'prisma', 'generated');
  const stamp = join(output, '.schema-hash');
  const hash = sourceHash(root, ['prisma/schema', 'prisma.config.ts', 'node_modules/prisma/package.json']);
  const isCurrent = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
  if (isCurrent()) return;
  await withLock(join(cacheRoot(), 'locks', `prisma-${sourceHash(root, ['package.json'])}.lock`), async () => {
    if (isCurrent()) return;
    // Any existing file will do: the generator runs as WebAssembly, yet the command insists on an engine being there.
    await run(process.execPath, [join(root, 'node_modules', 'prisma', 'build', 'index.js'), 'generate'], {
      cwd: root,
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/sh', PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' },
    });
    writeFileSync(stamp, hash);
  });
}

/** Path of the bundle of all workflows for the sources as they are now. */
export async function buildWorkflowBundle(root: string): Promise<string> {
  const hash = sourceHash(root, ['workflows', 'activities/build-workflow-bundle.ts', 'activities/platform', 'package-lock.json']);
  const folder = await cachedBuild('workflows', hash, async (draft) => {
    await run(process.execPath, [join(root, 'activities', 'build-workflow-bundle.ts'), join(draft, 'workflow-bundle.js')], { cwd: root });
  });
  return join(folder, 'workflow-bundle.js');
}

/** Folder of the built portal for the sources as they are now. */
export async function buildPortal(root: string): Promise<string> {
  const hash = sourceHash(root, ['frontend', 'package-lock.json']);
  return cachedBuild('portal', hash, async (draft) => {
    await run(process.execPath, [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--outDir', draft, '--emptyOutDir', '--logLevel', 'warn'], {
      cwd: join(root, 'frontend'),
      // Test runners set it to "test", with which Vue's development build would be made, and kept for everybody.
      env: { ...process.env, NODE_ENV: 'production' },
    });
    if (!existsSync(join(draft, 'index.html'))) throw new Error('The portal build made no index.html.');
  });
}
