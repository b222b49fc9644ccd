import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { LentUid } from '../exec/uid-pool.ts';
import { asInstaller, type InstallerUser } from './installer-user.ts';

const OUTPUT_LINES = 12;
const KEPT_OUTPUT_BYTES = 64 * 1024;
const INSTALL_MILLISECONDS = 20 * 60_000;

/**
 * What a git dependency configures for its own preparation can run programs in spite of `ignore-scripts`. An npm that does not know
 * `allow-git` yet finds no git.
 */
const REFUSE_GIT = { npm_config_allow_git: 'none', npm_config_git: '/bin/false' };

/** Installs an npm package and what it needs into `folder/node_modules`, without running any script of any package and without git. */
export async function installNpm(folder: string, spec: string, nodeBin: string, takeUid: () => LentUid): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'runtime', private: true }));
  const options = ['--ignore-scripts', '--allow-git=none', '--no-audit', '--no-fund', '--no-progress', '--no-update-notifier', '--loglevel=error'];
  const args = ['install', ...options, '--', refuseOption(spec)];
  await asInstaller(folder, takeUid, nodeBin, (user) => runInstaller('npm', args, folder, { ...user, env: { ...user.env, ...REFUSE_GIT } }));
}

/** Installs a pip requirement into `folder/lib`; wheels only, because building one would run the package's code as this user. */
export async function installPip(folder: string, spec: string, nodeBin: string, takeUid: () => LentUid): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const options = ['--target', path.join(folder, 'lib'), '--only-binary=:all:', '--no-input', '--disable-pip-version-check', '--quiet'];
  const args = ['-m', 'pip', 'install', ...options, '--', refuseOption(spec)];
  await asInstaller(folder, takeUid, nodeBin, (user) => runInstaller('python3', args, folder, user));
}

function refuseOption(spec: string): string {
  if (!/^[@A-Za-z0-9]/.test(spec)) throw new Failure('IMAGE_PULL_FAILED', `"${spec}" names no package.`);
  return spec;
}

/** Runs an installer with files readable for every uid of the machine. Throws IMAGE_PULL_FAILED with its last lines. */
async function runInstaller(program: string, args: readonly string[], cwd: string, { uid, env, command, end }: InstallerUser): Promise<void> {
  const identity = uid === null ? {} : { uid, gid: uid };
  const words = await command(program);
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', 'umask 022; exec "$@"', 'installer', ...words, ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...identity,
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      end().catch(() => undefined);
    }, INSTALL_MILLISECONDS);
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT_BYTES);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => reject(new Failure('IMAGE_PULL_FAILED', `${program} could not be run: ${error.message}`)));
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else reject(new Failure('IMAGE_PULL_FAILED', `${program} ended with ${signal ?? `exit code ${code}`}: ${lastLines(output)}`));
    });
  });
}

/** Names a file that only root of the host can read, so it helps nobody who sees the failure. */
const POINTS_TO_LOG = /complete log of this run/i;

/** The end of what the installer said, without credentials that a registry address may hold. */
function lastLines(output: string): string {
  const lines = output
    .split('\n')
    .filter((line) => line.trim() !== '' && !POINTS_TO_LOG.test(line))
    .slice(-OUTPUT_LINES);
  return lines.join('\n').replace(/\/\/[^\s/@]+@/g, '//');
}
