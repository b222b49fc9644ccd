import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { repositoryRoot } from './platform.ts';
import { readJson } from './supervisor/json-file.ts';
import { identify, isAlive, type ProcessIdentity, waitUntilGone } from './supervisor/process-identity.ts';
import { readState } from './supervisor/state-file.ts';
import { listenOnLoopback } from './testing/loopback.ts';
import { scratchFolder } from './testing/scratch.ts';

interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The commands as a person types them, on data of this test, with the two parts that start in a second. */
function commands() {
  const dataDir = join(scratchFolder(), 'data');
  const env = { ...process.env, CLAWLOOPS_DATA_DIR: dataDir, CLAWLOOPS_PARTS: 'postgres,temporal', CLAWLOOPS_PORT: undefined };
  const runCommand = (command: string, args: string[] = [], extra: NodeJS.ProcessEnv = {}): Answer => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(repositoryRoot, 'deploy/local', `${command}.mjs`), ...args], {
      env: { ...env, ...extra },
      encoding: 'utf8',
    });
    return { code: status, stdout, stderr };
  };
  onTestFinished(() => void runCommand('down'));
  return { dataDir, env, runCommand };
}

function identities(dataDir: string): ProcessIdentity[] {
  return (readState(dataDir)?.parts ?? []).flatMap((part) => (part.identity ? [part.identity] : []));
}

/** Kills the supervisor; until it is gone it holds the data. */
async function loseSupervisor(dataDir: string): Promise<void> {
  const supervisor = readState(dataDir)!.supervisor!;
  process.kill(supervisor.pid, 'SIGKILL');
  expect(await waitUntilGone(supervisor, 60_000)).toBe(true);
}

test('up in the background answers one line when all is healthy, a second up is refused with who holds the data, down stops all of it', () => {
  const { dataDir, runCommand } = commands();
  const up = runCommand('up', ['--detach', '--json']);
  expect(up.code, up.stderr).toBe(0);
  expect(up.stdout.trim().split('\n')).toHaveLength(1);
  expect(Object.keys(JSON.parse(up.stdout))).toEqual(['url', 'setupToken', 'temporalUi', 'dataDir']);

  const status = runCommand('status', ['--json']);
  expect(status.code).toBe(0);
  const { supervisorPid, parts } = JSON.parse(status.stdout) as {
    supervisorPid: number;
    parts: { part: string; state: string; pid: number; source: string }[];
  };
  expect(parts.map(({ part, state }) => ({ part, state }))).toEqual([
    { part: 'postgres', state: 'running' },
    { part: 'temporal', state: 'running' },
  ]);
  for (const part of parts) expect(part.source).not.toBe('');

  const second = runCommand('up', ['--detach', '--json']);
  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(second.stderr).toContain(`process ${supervisorPid}`);

  const running = identities(dataDir);
  expect(running).toHaveLength(2);
  expect(runCommand('down').code).toBe(0);
  for (const identity of running) expect(isAlive(identity)).toBe(false);
  expect(runCommand('status').code).toBe(1);
  expect(runCommand('down').stderr).toContain('does not run');
});

test('what a supervisor left behind when it was killed is taken over by the next up, on the same ports', async () => {
  const { dataDir, runCommand } = commands();
  expect(runCommand('up', ['--detach', '--json']).code).toBe(0);
  const ports = readJson<Record<string, number>>(join(dataDir, 'ports.json'));
  const left = identities(dataDir);
  await loseSupervisor(dataDir);
  const again = runCommand('up', ['--detach', '--json']);
  expect(again.code, again.stderr).toBe(0);
  for (const identity of left) expect(isAlive(identity)).toBe(false);
  expect(identities(dataDir)).toHaveLength(2);
  // Of what does not run nobody listens on the port, so another platform may have taken it meanwhile.
  const { postgres, temporal } = ports ?? {};
  expect(readJson(join(dataDir, 'ports.json'))).toMatchObject({ postgres, temporal });
});

test('down also stops what a killed supervisor left behind', async () => {
  const { dataDir, runCommand } = commands();
  expect(runCommand('up', ['--detach', '--json']).code).toBe(0);
  const left = identities(dataDir);
  await loseSupervisor(dataDir);
  expect(runCommand('down').stderr).toContain('Stopped.');
  for (const identity of left) expect(isAlive(identity)).toBe(false);
});

test('an interrupt stops everything cleanly, also when it arrives twice', async () => {
  const { dataDir, env } = commands();
  const up = spawn(process.execPath, [join(repositoryRoot, 'deploy/local/up.mjs')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [up.stdout, up.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
        if (output.includes('Ctrl-C here')) resolve();
      });
    }
    up.once('close', () => reject(new Error(output)));
  });
  const running = identities(dataDir);
  const supervisor = readState(dataDir)!.supervisor!;
  // Not when it has ended: then its last words may still be on their way.
  const closed = new Promise((resolve) => up.removeAllListeners('close').once('close', resolve));
  process.kill(supervisor.pid, 'SIGINT');
  up.kill('SIGINT');
  expect(await closed).toBe(0);
  expect(output).toContain('Stopped after');
  for (const identity of [...running, supervisor]) expect(isAlive(identity)).toBe(false);
});

test('an interrupt during the start stops what has begun', async () => {
  const { dataDir, env } = commands();
  const up = spawn(process.execPath, [join(repositoryRoot, 'deploy/local/up.mjs')], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise((resolve) => up.once('exit', resolve));
  await new Promise<void>((resolve) => up.stderr.setEncoding('utf8').once('data', () => resolve()));
  up.kill('SIGTERM');
  await exited;
  for (const identity of identities(dataDir)) expect(isAlive(identity)).toBe(false);
});

test('data survives down and up, and a reset that nobody confirmed deletes nothing', () => {
  const { dataDir, runCommand } = commands();
  expect(runCommand('up', ['--detach', '--json']).code).toBe(0);
  expect(runCommand('down').code).toBe(0);
  const secrets = readJson(join(dataDir, 'secrets.json'));
  expect(runCommand('up', ['--reset']).stderr).toContain('--yes');
  expect(readJson(join(dataDir, 'secrets.json'))).toEqual(secrets);
  expect(runCommand('up', ['--reset', '--yes', '--detach', '--json']).code).toBe(0);
  expect(readJson(join(dataDir, 'secrets.json'))).not.toEqual(secrets);
});

test('a reset is refused while the platform runs', () => {
  const { dataDir, runCommand } = commands();
  expect(runCommand('up', ['--detach', '--json']).code).toBe(0);
  expect(runCommand('up', ['--reset', '--yes']).stderr).toContain('already runs');
  for (const identity of identities(dataDir)) expect(isAlive(identity)).toBe(true);
});

test('a part that cannot start is named with the reason and what to do, and nothing stays behind', async () => {
  const { dataDir, runCommand } = commands();
  const failed = runCommand('up', ['--detach', '--json'], { CLAWLOOPS_TEMPORAL: '/bin/false' });
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr).toContain('CLAWLOOPS_TEMPORAL does not name temporal');
  for (const identity of identities(dataDir)) expect(await waitUntilGone(identity, 60_000)).toBe(true);
});

test('a pinned portal port that somebody else has is refused before anything starts', async () => {
  const { dataDir, runCommand } = commands();
  const server = createServer();
  const port = await listenOnLoopback(server);
  onTestFinished(() => void server.close());
  const refused = runCommand('up', ['--detach', '--json'], { CLAWLOOPS_PARTS: 'api', CLAWLOOPS_PORT: String(port) });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`Port ${port} is taken`);
  expect(identities(dataDir)).toEqual([]);
});

test('parts that are killed come back with their data, each under the same port', async () => {
  const { dataDir, runCommand } = commands();
  expect(runCommand('up', ['--detach', '--json']).code).toBe(0);
  const before = readState(dataDir)!.parts;
  for (const part of before) process.kill(part.identity!.pid, 'SIGKILL');
  for (const part of before) expect(await waitUntilGone(part.identity!, 60_000)).toBe(true);
  await expect.poll(() => runCommand('status', ['--json']).code).toBe(0);
  const after = readState(dataDir)!.parts;
  for (const [index, part] of after.entries()) {
    expect(part.identity).not.toEqual(before[index]!.identity);
    expect(part).toMatchObject({ state: 'running', port: before[index]!.port });
    // Once, unless what the killed one left was still on its data.
    expect(part.restarts).toBeGreaterThanOrEqual(1);
    expect(identify(part.identity!.pid)).toEqual(part.identity);
  }
});
