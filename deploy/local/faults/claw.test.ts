import { chmodSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Fleet, type Instance, instanceInPhase, type Operation, ok, operationEnd, readInstance, startFleet } from '../testing/fleet.ts';
import { createEcho, destroy, type EchoState, registerEcho, runningEcho } from './echo-claw.ts';
import { survey } from './survey.ts';

const readOperation = async (fleet: Fleet, id: string): Promise<Operation> => ok(await fleet.api.GET('/operations/{id}', { params: { path: { id } } }));

/** The folder that a claw of this name has on the host. */
function folderOf(fleet: Fleet, instance: Instance): string {
  return path.join(fleet.platform.clawsDir, 'claws', instance.slug);
}

async function echoState(fleet: Fleet, instance: Instance): Promise<EchoState> {
  return JSON.parse(await readFile(path.join(folderOf(fleet, instance), 'data', 'state.json'), 'utf8'));
}

describe('a claw and its bridge', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet();
    await registerEcho(fleet);
  });
  afterAll(() => fleet?.close());

  test('a claw whose process was killed is restarted, counted and says why it was away', async () => {
    const claw = await runningEcho(fleet, 'killed');
    const before = await echoState(fleet, claw);
    process.kill(before.pid, 'SIGKILL');
    const healed = await eventually('the claw answers again', 60, async () => {
      const seen = await readInstance(fleet, claw.id);
      return seen.status.phase === 'Running' && seen.status.restarts === 1 ? seen : null;
    });
    expect(healed.status.ready).toBe(true);
    expect(await echoState(fleet, claw)).toMatchObject({ starts: before.starts + 1 });
    expect((await destroy(fleet, claw.id)).state).toBe('succeeded');
    expect(await survey(fleet)).toEqual([]);
  });

  test('a claw lives on while its bridge is killed and is adopted again, not started twice', async () => {
    const claw = await runningEcho(fleet, 'adopted');
    const before = await echoState(fleet, claw);
    await fleet.platform.part('bridge').kill('SIGKILL');
    expect(() => process.kill(before.pid, 0)).not.toThrow();
    await fleet.platform.part('bridge').waitReady();
    // A setting that the same process takes proves that the new bridge has it in hand.
    const { generation } = await readInstance(fleet, claw.id);
    const { operation } = ok(
      await fleet.api.PUT('/instances/{id}', {
        params: { path: { id: claw.id }, header: { 'If-Match': `"${generation}"` } },
        body: { config: { overrides: [{ key: 'greeting', value: 'adopted: ' }] } },
      }),
    );
    expect((await operationEnd(fleet, operation.id)).state).toBe('succeeded');
    expect(await echoState(fleet, claw)).toEqual(before);
    expect((await readInstance(fleet, claw.id)).status.restarts).toBe(0);
    await destroy(fleet, claw.id);
    expect(await survey(fleet)).toEqual([]);
  });

  test('a claw that crashes while its bridge and the API are away is up again when they are back', async () => {
    const claw = await runningEcho(fleet, 'alone');
    const before = await echoState(fleet, claw);
    await fleet.platform.part('api').stop();
    process.kill(before.pid, 'SIGKILL');
    await eventually('the bridge restarts it by itself', 30, async () => (await echoState(fleet, claw)).starts === before.starts + 1);
    await fleet.platform.part('api').start();
    await eventually('the restart is counted', 60, async () => (await readInstance(fleet, claw.id)).status.restarts === 1);
    await instanceInPhase(fleet, claw.id, 'Running');
    await destroy(fleet, claw.id);
    expect(await survey(fleet)).toEqual([]);
  });

  test('a folder made unwritable shows its attempts, and "Retry now" after the repair ends the wait', async () => {
    const claw = await runningEcho(fleet, 'locked-out');
    const { operation: stop } = ok(await fleet.api.POST('/instances/{id}/stop', { params: { path: { id: claw.id } } }));
    expect((await operationEnd(fleet, stop.id)).state).toBe('succeeded');
    const folder = folderOf(fleet, claw);
    const { mode } = await stat(folder);
    chmodSync(folder, 0o500);
    const { operation: start } = ok(await fleet.api.POST('/instances/{id}/start', { params: { path: { id: claw.id } } }));
    const waiting = await eventually('a later attempt waits and says why', 90, async () => {
      const seen = await readOperation(fleet, start.id);
      return seen.steps.some((step) => step.state === 'retrying' && step.attempt >= 4 && step.error?.code === 'VOLUME_UNAVAILABLE') ? seen : null;
    });
    expect(waiting.allowed).toContain('retry-now');
    expect(waiting.steps.find((step) => step.state === 'retrying')).toMatchObject({
      nextAttemptAt: expect.any(String),
      error: { nextStep: expect.any(String) },
    });
    chmodSync(folder, mode);
    const pressed = await fleet.api.POST('/operations/{id}/retry-now', { params: { path: { id: start.id } } });
    // A wait that was over by then ended by itself.
    if (pressed.error?.code !== 'ILLEGAL_TRANSITION') ok(pressed);
    expect((await operationEnd(fleet, start.id)).state).toBe('succeeded');
    await instanceInPhase(fleet, claw.id, 'Running');
    await destroy(fleet, claw.id);
    expect(await survey(fleet)).toEqual([]);
  });

  test('giving up on a create that cannot succeed leaves nothing behind but the record of it', async () => {
    const { instance, operation } = await createEcho(fleet, 'never-up', { crashAfterMs: 0 });
    // Possible only between two attempts, and the first waits are short.
    await eventually('it is given up', 60, async () => ok(await fleet.api.POST('/operations/{id}/give-up', { params: { path: { id: operation.id } } })));
    const end = await operationEnd(fleet, operation.id);
    expect(end).toMatchObject({ state: 'failed', error: { code: 'GAVE_UP' } });
    await instanceInPhase(fleet, instance.id, 'Failed');
    expect(await survey(fleet)).toEqual([]);
    expect((await destroy(fleet, instance.id)).state).toBe('succeeded');
    expect(await survey(fleet)).toEqual([]);
  });
});
