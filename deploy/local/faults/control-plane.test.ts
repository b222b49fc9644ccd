import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chat, eventually, type Fleet, instanceInPhase, ok, operationEnd, readInstance, startFleet } from '../testing/fleet.ts';
import { createEcho, destroy, registerEcho, runningEcho } from './echo-claw.ts';
import { survey } from './survey.ts';
import { newTenant, rowsOf } from './tenants.ts';

describe('the control plane', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet();
    await registerEcho(fleet);
  });
  afterAll(() => fleet?.close());

  test('delivers what was committed before the API was killed', async () => {
    // With the workflow engine away the command stays committed and undelivered: the moment between commit and delivery, held open.
    const temporal = fleet.platform.part('temporal');
    await temporal.stop();
    const { instance, operation } = await createEcho(fleet, 'committed');
    await fleet.platform.part('api').kill('SIGKILL');
    await temporal.start();
    await fleet.platform.part('api').waitReady();
    expect((await operationEnd(fleet, operation.id, 150)).state).toBe('succeeded');
    await instanceInPhase(fleet, instance.id, 'Running');
    expect((await destroy(fleet, instance.id)).state).toBe('succeeded');
    expect(await survey(fleet)).toEqual([]);
  });

  test('accepts requests while the workflow engine is stopped and carries each out once', async () => {
    const temporal = fleet.platform.part('temporal');
    await temporal.stop();
    const accepted = await Promise.all(['one', 'two', 'three'].map((name) => createEcho(fleet, `waits-${name}`)));
    await temporal.start();
    for (const { instance, operation } of accepted) {
      expect((await operationEnd(fleet, operation.id, 150)).state).toBe('succeeded');
      expect((await instanceInPhase(fleet, instance.id, 'Running')).status.restarts).toBe(0);
    }
    expect(await survey(fleet)).toEqual([]);
    const ends = await Promise.all(accepted.map(({ instance }) => destroy(fleet, instance.id)));
    expect(ends.map((end) => end.state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(await survey(fleet)).toEqual([]);
  });

  test('goes on after PostgreSQL was killed in the middle of an operation', async () => {
    const claw = await runningEcho(fleet, 'database-away');
    const { instance, operation } = await createEcho(fleet, 'meanwhile', { startDelayMs: 1500 });
    await fleet.platform.part('postgres').kill('SIGKILL');
    await fleet.platform.part('postgres').waitReady();
    expect((await operationEnd(fleet, operation.id, 150)).state).toBe('succeeded');
    const after = await eventually('the earlier claw still runs', 60, async () => {
      const seen = await readInstance(fleet, claw.id);
      return seen.status.phase === 'Running' ? seen : null;
    });
    expect(after.status.restarts).toBe(0);
    await destroy(fleet, instance.id);
    await destroy(fleet, claw.id);
    expect(await survey(fleet)).toEqual([]);
  });

  test('ends a deleted tenant once although its worker was killed in the middle, and leaves nothing of it', async () => {
    const { tenant, own } = await newTenant(fleet);
    const claws = await Promise.all(['one', 'two'].map((name) => createEcho(own, `doomed-${name}`)));
    for (const { operation } of claws) expect((await operationEnd(own, operation.id)).state).toBe('succeeded');
    const bridge = fleet.platform.part('bridge');
    const worker = fleet.platform.part('worker');
    // Nothing can be destroyed yet, so the deletion stands in its middle until the bridge works again.
    await bridge.kill('SIGSTOP');
    try {
      ok(await fleet.api.DELETE('/tenants/{id}', { params: { path: { id: tenant.id }, query: { retention: 'wipe' } } }));
      await eventually('it is asked to destroy its claws', 60, async () => {
        const { rows } = await fleet.database.query("SELECT 1 FROM operation WHERE tenant_id = $1 AND kind = 'destroy' AND started_at IS NOT NULL", [
          tenant.id,
        ]);
        return rows.length === claws.length;
      });
      await worker.kill('SIGKILL');
    } finally {
      await bridge.kill('SIGCONT');
    }
    const ended = await eventually('the tenant is deleted', 180, async () => {
      const now = ok(await fleet.api.GET('/tenants/{id}', { params: { path: { id: tenant.id } } }));
      return now.state === 'deleted' ? now : null;
    });
    expect(ended).toMatchObject({ members: 0, projects: 0, instances: 0 });
    expect((await own.api.GET('/me')).response.status).toBe(401);
    expect(await rowsOf(fleet, tenant.id)).toEqual([]);
    const { rows } = await fleet.database.query<{ action: string; times: number }>(
      "SELECT action, count(*)::integer AS times FROM audit_event WHERE tenant_id = $1 AND action IN ('instance.destroy', 'tenant.deleted') GROUP BY action ORDER BY action",
      [tenant.id],
    );
    expect(rows).toEqual([
      { action: 'instance.destroy', times: claws.length },
      { action: 'tenant.deleted', times: 1 },
    ]);
    expect(await survey(fleet)).toEqual([]);
  });

  test('tells a chat clearly that the model service is away, and the chat heals with it', async () => {
    const claw = await runningEcho(fleet, 'talker');
    expect((await chat(fleet, claw.id, 'hello')).text).toContain('demo');
    const litellm = fleet.platform.part('litellm');
    await litellm.stop();
    const refused = await chat(fleet, claw.id, 'are you there?');
    expect(refused.error).toMatchObject({ code: 'MODEL_UNAVAILABLE', nextStep: expect.any(String) });
    await litellm.start();
    const healed = await chat(fleet, claw.id, 'and now?');
    expect(healed.error).toBeNull();
    expect(healed.text).toContain('demo');
    expect((await readInstance(fleet, claw.id)).status.restarts).toBe(0);
    await destroy(fleet, claw.id);
    expect(await survey(fleet)).toEqual([]);
  });
});
