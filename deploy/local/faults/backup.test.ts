import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import createClient from 'openapi-fetch';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProcessTable } from '../../../bridge/process/machine-table.ts';
import type { paths } from '../../../frontend/src/api/schema.d.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { type Platform, repositoryRoot, startPlatform } from '../platform.ts';
import { removeHomes } from '../supervisor/homes.ts';
import { identify, type ProcessIdentity, signalGroup, waitUntilGone } from '../supervisor/process-identity.ts';
import { stopPlatform } from '../supervisor/shutdown.ts';
import { readState } from '../supervisor/state-file.ts';
import { eventually, type Fleet, type Instance, instanceInPhase, ok, operationEnd, readInstance } from '../testing/fleet.ts';
import { withDatabase } from '../testing/services.ts';
import { createEcho, type EchoState, registerEcho, runningEcho } from './echo-claw.ts';
import { survey } from './survey.ts';

const PARTS = ['litellm', 'seaweedfs', 'api', 'worker', 'bridge'];

/** The platform that is lost: started, as people do, by the command, so that its supervisor can be killed. */
interface FirstLife {
  readonly fleet: Pick<Fleet, 'api' | 'apiKey' | 'platform'>;
  readonly admin: { readonly email: string; readonly password: string };
}

function run(command: string, args: readonly string[], dataDir: string) {
  const env = { ...process.env, CLAWLOOPS_DATA_DIR: dataDir, CLAWLOOPS_PARTS: PARTS.join(','), CLAWLOOPS_PORT: undefined };
  return spawnSync(process.execPath, [join(repositoryRoot, 'deploy/local', `${command}.mjs`), ...args], { env, encoding: 'utf8' });
}

async function begin(dataDir: string): Promise<FirstLife> {
  const up = run('up', ['--detach', '--json'], dataDir);
  if (up.status !== 0) throw new Error(up.stderr);
  const { url, setupToken } = JSON.parse(up.stdout) as { url: string; setupToken: string };
  const admin = { email: 'ada@example.com', password: `backup-${crypto.randomUUID()}` };
  const anonymous = createClient<paths>({ baseUrl: `${url}/api/v1` });
  const made = ok(await anonymous.POST('/setup', { params: { query: { key: 'true' } }, body: { code: setupToken, name: 'Ada', ...admin } }));
  const apiKey = made.secret ?? '';
  const platform = { url, clawsDir: join(dataDir, 'claws') } as Platform;
  return { fleet: { api: clientOf(url, apiKey), apiKey, platform }, admin };
}

const clientOf = (url: string, apiKey: string) => createClient<paths>({ baseUrl: `${url}/api/v1`, headers: { authorization: `Bearer ${apiKey}` } });

/** A process and all that it started. */
function familyOf(pid: number): ProcessIdentity[] {
  const all = createProcessTable().usage();
  const pids = [pid];
  for (const parent of pids) pids.push(...all.filter(({ ppid }) => ppid === parent).map((child) => child.pid));
  return pids.flatMap((one) => identify(one) ?? []);
}

/** Everything of the control plane is killed and its data deleted; the bridge and its claws are not touched. */
async function lose(dataDir: string): Promise<void> {
  const state = readState(dataDir);
  if (!state?.supervisor) throw new Error('no supervisor to kill');
  signalGroup(state.supervisor.pid, 'SIGKILL');
  await waitUntilGone(state.supervisor, 60_000);
  for (const { name, identity } of readState(dataDir)?.parts ?? []) {
    if (!identity || name === 'bridge') continue;
    // PostgreSQL's helpers outlive it by a moment, and write.
    const family = familyOf(identity.pid);
    signalGroup(identity.pid, 'SIGKILL');
    for (const one of family) await waitUntilGone(one, 60_000);
  }
  for (const name of readdirSync(dataDir)) if (name !== 'claws') rmSync(join(dataDir, name), { recursive: true, force: true });
}

describe('a control plane that is lost', () => {
  // Not named like other throw-away platforms: runs beside this one would take a dead supervisor for a killed run and clean up.
  const dataDir = mkdtempSync(join(tmpdir(), 'clawloops-lost-'));
  const file = join(tmpdir(), `clawloops-backup-${crypto.randomUUID()}.tar.zst`);
  let life: FirstLife;
  let platform: Platform | null = null;
  let database: pg.Pool | null = null;

  const state = async (claw: Instance): Promise<EchoState> =>
    JSON.parse(await readFile(join(dataDir, 'claws', 'claws', claw.slug, 'data', 'state.json'), 'utf8'));
  const pidOf = (part: string): number => readState(dataDir)?.parts.find(({ name }) => name === part)?.identity?.pid ?? 0;

  beforeAll(async () => {
    life = await begin(dataDir);
    await registerEcho(life.fleet as Fleet);
  });
  afterAll(async () => {
    await database?.end();
    // After the restore the supervisor is this very process.
    await (platform ? platform.stop() : stopPlatform(dataDir));
    removeHomes(dataDir);
    rmSync(file, { force: true });
  });

  test('comes back from a backup that was made while it worked, with its people, keys and claws, every claw adopted', async () => {
    const first = life.fleet as Fleet;
    const [steady, changed, stopped] = [await runningEcho(first, 'steady'), await runningEcho(first, 'changed'), await runningEcho(first, 'stopped-later')];
    const greet = async (fleet: Fleet, claw: Instance, greeting: string) => {
      const { generation } = await readInstance(fleet, claw.id);
      const body = { config: { overrides: [{ key: 'greeting', value: greeting }] } };
      const answer = await fleet.api.PUT('/instances/{id}', { params: { path: { id: claw.id }, header: { 'If-Match': `"${generation}"` } }, body });
      return operationEnd(fleet, ok(answer).operation.id);
    };

    // Accepted before the database is copied, ended before the workflow engine is: the two copies tell different stories of it.
    process.kill(pidOf('worker'), 'SIGSTOP');
    const between = await createEcho(first, 'between');
    const manifest = await takeBackup({
      dataDir,
      to: file,
      onStage: async (stage) => {
        if (stage !== 'temporal') return;
        process.kill(pidOf('worker'), 'SIGCONT');
        expect((await operationEnd(first, between.operation.id)).state).toBe('succeeded');
        // And one that only the copy of the workflow engine has heard of.
        expect((await greet(first, changed, 'between: ')).state).toBe('succeeded');
      },
    });
    expect(manifest).toMatchObject({ instances: 4, parts: { postgres: {}, temporal: {}, platform: {} } });
    const later = await runningEcho(first, 'later');
    const { operation } = ok(await first.api.POST('/instances/{id}/stop', { params: { path: { id: stopped.id } } }));
    expect((await operationEnd(first, operation.id)).state).toBe('succeeded');
    const before = { steady: await state(steady), changed: await state(changed), between: await state(between.instance), later: await state(later) };

    const refused = run('restore', [file], dataDir);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('is not empty') });
    await lose(dataDir);
    const restored = run('restore', [file, '--json'], dataDir);
    expect(restored.status, restored.stderr).toBe(0);
    expect(JSON.parse(restored.stdout)).toMatchObject({ dataDir, instances: 4, openOperations: 1, foundClaws: true });

    platform = await startPlatform({ dataDir, parts: PARTS });
    database = new pg.Pool({ connectionString: withDatabase(platform.databaseUrls.superuser, 'clawloops'), max: 2 });
    const { apiKey } = first;
    const fleet = { ...life.fleet, platform, database, api: clientOf(platform.url, apiKey), apiKey } as Fleet;
    expect(platform.url).toBe(first.platform.url);
    expect((await operationEnd(fleet, between.operation.id)).state).toBe('succeeded');
    for (const claw of [steady, changed, stopped, between.instance]) await instanceInPhase(fleet, claw.id, 'Running');
    expect({ steady: await state(steady), changed: await state(changed), later: await state(later) }).toEqual({
      steady: before.steady,
      changed: before.changed,
      later: before.later,
    });
    expect((await readInstance(fleet, changed.id)).spec.config.overrides).toEqual([]);
    // What the copy knew as accepted and not as begun is done again from its first step, with the data that was there.
    expect(await state(between.instance)).toMatchObject({ starts: before.between.starts + 1 });

    const signIn = await fetch(`${platform.url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: platform.url },
      body: JSON.stringify(life.admin),
    });
    expect(signIn.status).toBe(200);
    expect((await greet(fleet, steady, 'restored: ')).state).toBe('succeeded');
    expect(await state(steady)).toEqual(before.steady);
    expect((await readInstance(fleet, steady.id)).status.restarts).toBe(0);

    const host = await eventually('the claw that is newer than the backup is listed', 60, async () => {
      const [only] = ok(await fleet.api.GET('/hosts')).items;
      return only && only.unknownClaws.length > 0 ? only : null;
    });
    expect(host.unknownClaws).toEqual([{ instanceId: later.id, slug: later.slug }]);
    const path = { id: host.id, instanceId: later.id };
    const stray = identify(before.later.pid)!;
    expect((await fleet.api.DELETE('/hosts/{id}/unknown-claws/{instanceId}', { params: { path } })).response.status).toBe(204);
    expect(await waitUntilGone(stray, 60_000)).toBe(true);
    expect(existsSync(join(dataDir, 'claws', 'claws', later.slug, 'data', 'state.json'))).toBe(true);
    expect(ok(await fleet.api.GET('/hosts')).items[0]?.unknownClaws).toEqual([]);
    // The model may not have been there when the restored entities asked it; the next operation that brings a claw up asks again.
    for (const { id } of [stopped, between.instance]) {
      const restart = ok(await fleet.api.POST('/instances/{id}/restart', { params: { path: { id } } }));
      expect((await operationEnd(fleet, restart.operation.id)).state).toBe('succeeded');
    }
    await expect.poll(() => survey(fleet)).toEqual([]);
  });
});
