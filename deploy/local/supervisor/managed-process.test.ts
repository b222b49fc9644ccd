import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { scratchFolder } from '../testing/scratch.ts';
import { type LaunchPlan, ManagedProcess, PartFailed, PartState } from './managed-process.ts';
import { identify, isAlive, waitUntilGone } from './process-identity.ts';

function supervise(source: string, overrides: Partial<LaunchPlan> = {}) {
  const folder = scratchFolder();
  const managed = new ManagedProcess('thing', join(folder, 'thing.log'), () => {});
  onTestFinished(() => managed.stop());
  const plan: LaunchPlan = {
    command: process.execPath,
    args: ['--input-type=module', '--eval', source],
    env: process.env,
    cwd: folder,
    ready: async () => readFileSync(managed.logFile, 'utf8').includes(`up ${managed.pid}`),
    stopSignal: 'SIGTERM',
    stopBudgetMs: 500,
    startBudgetMs: 60_000,
    advice: 'Try something else.',
    ...overrides,
  };
  return { managed, plan, folder };
}

const idle = "console.log('up', process.pid); setInterval(() => {}, 1000);";

test('a process that is killed is started again, and the restart is counted', async () => {
  const { managed, plan } = supervise(idle);
  await managed.start(plan);
  const first = managed.pid;
  await managed.kill('SIGKILL');
  expect(managed.state).toBe(PartState.Restarting);
  await managed.waitReady();
  expect(managed.pid).not.toBe(first);
  expect(managed.restarts).toBe(1);
});

test('a process that never becomes ready fails with its last log lines and what to do', async () => {
  const { managed, plan } = supervise("console.log('the disk is full'); process.exit(7);");
  const failure = await managed.start(plan).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(PartFailed);
  expect((failure as Error).message).toContain('ended with code 7');
  expect((failure as Error).message).toContain('the disk is full');
  expect((failure as Error).message).toContain('Try something else.');
  expect(managed.state).toBe(PartState.Failed);
  expect(managed.pid).toBeNull();
});

test('a program that does not exist is a failure with its name, not a crash', async () => {
  const { managed, plan } = supervise('', { command: '/does/not/exist' });
  await expect(managed.start(plan)).rejects.toThrow('/does/not/exist');
});

test('a stop that is ignored becomes a forced one', async () => {
  const { managed, plan } = supervise(`process.on('SIGTERM', () => {}); ${idle}`);
  await managed.start(plan);
  const identity = managed.identity!;
  await managed.stop();
  expect(isAlive(identity)).toBe(false);
  expect(managed.state).toBe(PartState.Stopped);
});

test('a stopped process stays stopped until it is started again', async () => {
  const { managed, plan } = supervise(idle);
  await managed.start(plan);
  await managed.stop();
  await expect(managed.waitReady()).rejects.toThrow('not meant to run');
  await managed.start(plan);
  expect(managed.state).toBe(PartState.Running);
});

test('a frozen process can be stopped', async () => {
  const { managed, plan } = supervise(idle);
  await managed.start(plan);
  const identity = managed.identity!;
  await managed.kill('SIGSTOP');
  await managed.stop();
  expect(isAlive(identity)).toBe(false);
});

test('what a killed process left in its group is ended with it', async () => {
  const { managed, plan, folder } = supervise(
    `import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs';
     const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']); writeFileSync('helper', String(child.pid)); ${idle}`,
  );
  await managed.start(plan);
  const helper = identify(Number(readFileSync(join(folder, 'helper'), 'utf8')))!;
  expect(isAlive(helper)).toBe(true);
  await managed.kill('SIGKILL');
  expect(await waitUntilGone(helper, 60_000)).toBe(true);
});

test('each start begins with an empty log and keeps the one before', async () => {
  const { managed, plan } = supervise(idle);
  await managed.start(plan);
  const firstPid = managed.pid;
  await managed.stop();
  await managed.start(plan);
  expect(existsSync(`${managed.logFile}.1`)).toBe(true);
  expect(readFileSync(`${managed.logFile}.1`, 'utf8')).toContain(`up ${firstPid}`);
  expect(readFileSync(managed.logFile, 'utf8')).not.toContain(`up ${firstPid}`);
});
