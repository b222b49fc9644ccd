import { existsSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeInventory } from '../../../bridge/inventory.ts';
import type { WorkloadFact } from '../../../workflows/contracts/workload.ts';
import { type ContractClaw, describeDriver, eventually, passed } from '../driver-contract.ts';
import { type HostHarness, openHostHarness } from '../testing/host-harness.ts';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
/** As nobody, the daemon must be able to read its own sources. */
const nobodyReadsSources = isRoot && foldersAbove(import.meta.dirname).every((folder) => (statSync(folder).mode & 0o001) !== 0);

describeDriver('host driver', () => openHostHarness());

if (nobodyReadsSources) describeDriver('host driver without root', () => openHostHarness({ uid: NOBODY }));
else {
  test('host driver without root', (context) => {
    context.skip(isRoot ? 'the sources lie in a folder that only root may enter' : 'this whole run is without root already');
  });
}

describe('a host', () => {
  let harness: HostHarness;
  beforeAll(async () => {
    harness = await openHostHarness();
  });
  afterAll(() => harness?.close());

  const observed = (claw: ContractClaw, is: (fact: WorkloadFact) => boolean): Promise<WorkloadFact> =>
    eventually(async () => {
      const fact = await harness.driver.observe(claw.ref);
      return fact !== null && is(fact) ? fact : null;
    });
  const running = async (name: string): Promise<{ claw: ContractClaw; fact: WorkloadFact }> => {
    const claw = await harness.claw(name);
    await harness.driver.apply(harness.hostId, claw.workload);
    return { claw, fact: await observed(claw, ({ ready }) => ready) };
  };
  const folderOf = (claw: ContractClaw, ...parts: string[]): string => path.join(harness.dataDir, 'claws', claw.workload.slug, ...parts);

  test('says how it keeps claws apart and what it can limit', () => {
    const { isolation, limits, ports } = harness.hostInfo;
    expect(isolation).toBe(isRoot ? 'uid' : 'none');
    expect(limits.reason === null).toBe(limits.memory && limits.cpu);
    expect(ports.slots * ports.perSlot + ports.base).toBeLessThan(32_768);
  });

  test.skipIf(!isRoot)('gives every claw a uid of its own that owns its folders, and no other claw may enter them', async () => {
    const [one, two] = [await running('one'), await running('two')];
    const abouts = (await Promise.all([one, two].map(({ claw }) => claw.ask('/about')))) as { uid: number }[];
    expect(new Set([0, ...abouts.map(({ uid }) => uid)]).size).toBe(3);
    for (const [index, { claw }] of [one, two].entries()) {
      expect(statSync(folderOf(claw, 'data'))).toMatchObject({ uid: abouts[index]?.uid, mode: 0o40700 });
      expect(statSync(folderOf(claw))).toMatchObject({ uid: 0, gid: abouts[index]?.uid, mode: 0o40750 });
      expect(statSync(folderOf(claw, 'config', 'config.json'))).toMatchObject({ uid: abouts[index]?.uid, mode: 0o100600 });
    }
  });

  test('keeps secrets sealed in the database and out of what claws print', async () => {
    const { claw } = await running('sealed');
    const client = new pg.Client({ connectionString: harness.ownerUrl });
    await client.connect();
    const { rows } = await client.query('SELECT row_to_json(w)::text AS all FROM workload w WHERE instance_id = $1', [claw.workload.instanceId]);
    await client.end();
    expect(rows[0].all).not.toContain('opened for the claw alone');
    expect(readFileSync(folderOf(claw, 'claw.log'), 'utf8')).not.toContain('opened for the claw alone');
    expect(statSync(path.join(harness.dataDir, 'state')).mode & 0o777).toBe(0o700);
  });

  test('ends a claw that takes more memory than it may and says so', async (context) => {
    if (!harness.hostInfo.limits.memory) return context.skip(`memory cannot be limited here: ${harness.hostInfo.limits.reason}`);
    const { claw } = await running('greedy');
    await claw.ask('/eat').catch(() => undefined);
    expect(await passed(claw, ({ phase }) => phase === 'backing-off')).toMatchObject({ error: { code: 'OUT_OF_MEMORY' }, signal: 'SIGKILL' });
    await observed(claw, ({ ready, restarts }) => ready && restarts === 1);
  });

  test('takes over new limits without a new process', async () => {
    const { claw, fact } = await running('resized');
    await harness.driver.apply(harness.hostId, { ...claw.workload, generation: 2, resources: { cpuMillis: 500, memoryBytes: 512 * 2 ** 20 } });
    expect(await observed(claw, ({ generation, ready }) => ready && generation === 2)).toMatchObject({ pid: fact.pid });
  });

  test('blocks a claw whose port somebody else has, and starts it when the port is free', async () => {
    const claw = await harness.claw('crowded');
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(claw.workload.ports.http, '127.0.0.1', resolve));
    await harness.driver.apply(harness.hostId, claw.workload);
    expect(await observed(claw, ({ phase }) => phase === 'blocked')).toMatchObject({ error: { code: 'PORT_IN_USE' } });
    await expect(harness.driver.dial(claw.ref, 'http')).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    await new Promise((resolve) => squatter.close(resolve));
    await observed(claw, ({ ready }) => ready);
  });

  test('follows no link that a claw put in place of a folder of its files', async () => {
    const { claw } = await running('sly');
    const elsewhere = folderOf(claw, 'data', 'elsewhere');
    rmSync(folderOf(claw, 'config', 'app'), { recursive: true });
    symlinkSync(elsewhere, folderOf(claw, 'config', 'app'));
    await harness.driver.apply(harness.hostId, { ...harness.withSettings(claw.workload, { greeting: 'other' }), generation: 2 });
    expect(await observed(claw, ({ phase }) => phase === 'blocked')).toMatchObject({ generation: 2, error: { code: 'VOLUME_UNAVAILABLE' } });
    expect(existsSync(elsewhere)).toBe(false);
    rmSync(folderOf(claw, 'config', 'app'));
    await observed(claw, ({ ready, generation, phase }) => ready && generation === 2 && phase === 'running');
  });

  test('installs a package of npm and offers its commands', async () => {
    const runtime = { type: 'semver', version: '7.8.5', install: { npm: 'semver@7.8.5' }, node: '>=20' };
    await harness.driver.prepare(harness.hostId, runtime);
    const answer = await harness.driver.exec(harness.hostId, { runtime, command: ['semver', '-i', 'minor', '1.2.3'], env: {}, files: [], timeoutSeconds: 20 });
    expect(answer).toMatchObject({ exitCode: 0, stdout: '1.3.0\n' });
  });

  test('starts claws again that an orderly shutdown of the daemon ended', async () => {
    const { claw, fact } = await running('paused');
    await harness.stopAgent('SIGINT');
    expect((await takeInventory(harness.dataDir)).claws.flatMap(({ processes }) => processes)).toEqual([]);
    await harness.startAgent();
    const back = await observed(claw, ({ seq, ready }) => seq > fact.seq && ready);
    expect(back.pid).not.toBe(fact.pid);
    expect(back.restarts).toBe(0);
  });

  test('leaves claws running when the daemon is only told to go', async () => {
    const { claw, fact } = await running('left');
    await harness.stopAgent('SIGTERM');
    expect(await claw.ask('/about')).toMatchObject({ pid: fact.pid });
    await harness.startAgent();
    expect(await observed(claw, ({ seq, ready }) => seq > fact.seq && ready)).toMatchObject({ pid: fact.pid });
  });

  test('refuses a second daemon on the same data folder', async () => {
    const { claw, fact } = await running('guarded');
    expect(await harness.secondDaemon()).toMatchObject({ exitCode: 1, output: expect.stringContaining('is in use by the bridge with pid') });
    expect(await claw.ask('/about')).toMatchObject({ pid: fact.pid });
  });

  test('ends and restarts a claw whose keeper alone was killed', async () => {
    const { claw, fact } = await running('bereft');
    const mine = (await takeInventory(harness.dataDir)).claws.find(({ instanceId }) => instanceId === claw.workload.instanceId);
    for (const pid of mine?.processes ?? []) if (pid !== fact.pid) claw.slay(pid);
    const after = await observed(claw, ({ ready, restarts }) => ready && restarts === 1);
    expect(after.pid).not.toBe(fact.pid);
  });

  test('never starts a claw twice, whenever the daemon dies while it starts one', async () => {
    for (const milliseconds of [0, 30, 60, 100, 150]) {
      const claw = await harness.claw(`torn-${milliseconds}`);
      await harness.driver.apply(harness.hostId, claw.workload);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      await harness.stopAgent('SIGKILL');
      await harness.startAgent();
      const { pid } = await observed(claw, ({ ready }) => ready);
      const mine = (await takeInventory(harness.dataDir)).claws.find(({ instanceId }) => instanceId === claw.workload.instanceId);
      expect(mine?.processes).toHaveLength(2);
      expect(mine?.processes).toContain(pid);
    }
  });

  test('has nothing of a claw that the control plane no longer knows, but keeps its data', async () => {
    const { claw } = await running('unknown');
    await harness.driver.forget(claw.ref);
    await eventually(async () => ((await claw.leftovers()).join().match(/^folder \S+ retained$/) ? true : null));
  });
});

function foldersAbove(folder: string): string[] {
  return folder === path.dirname(folder) ? [folder] : [folder, ...foldersAbove(path.dirname(folder))];
}
