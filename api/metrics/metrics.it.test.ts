import { io as dial, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { removeOldMetrics } from '../../activities/metrics/remove-old.ts';
import { rollUp } from '../../activities/metrics/roll-up.ts';
import { newId } from '../../activities/platform/ids.ts';
import { type ApiToBridge, BRIDGE_NAMESPACE, BRIDGE_SOCKET_PATH, type BridgeToApi } from '../../workflows/contracts/bridge-protocol.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { ClawSample, MetricTick } from '../../workflows/contracts/metrics.ts';
import { type ApiWorld, addStranger, HOST_INFO, openApiWorld, setUp } from '../testing/api-world.ts';

const MINUTE = 60_000;
/** A whole hour ago, so that every bucket of the test lies behind us. */
const START = Math.floor((Date.now() - 50 * MINUTE) / (5 * MINUTE)) * 5 * MINUTE;
const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

let world: ApiWorld;
let key: string;
let hostId: string;
let busy: string;
let idle: string;
let bridge: Socket<ApiToBridge, BridgeToApi>;

beforeAll(async () => {
  world = await openApiWorld();
  key = await setUp(world);
  bridge = dial(`${world.api.url}${BRIDGE_NAMESPACE}`, {
    path: BRIDGE_SOCKET_PATH,
    transports: ['websocket'],
    auth: { token: world.hostToken },
    reconnection: false,
  });
  const hello = await bridge.emitWithAck('hello', { info: HOST_INFO, generations: {} });
  hostId = hello.hostId ?? '';
  busy = await instance('busy');
  idle = await instance('idle');
});

afterAll(async () => {
  bridge?.disconnect();
  await world?.close();
});

async function instance(name: string, host = hostId): Promise<string> {
  const id = newId(IdPrefix.instance);
  const spec = {
    type: 'light',
    version: '1',
    replicas: 1,
    config: { overrides: [] },
    placement: { driver: 'host', hostId: host },
    resources: { cpu: '500m', memory: '1Gi', storage: '2Gi' },
  };
  await world.rows(
    `INSERT INTO instance (id, tenant_id, project_id, name, slug, type, version, host_id, spec, intent_phase, observed_ready, created_by, last_updated_by)
     SELECT $1, p.tenant_id, p.id, $2, $2, 'light', '1', $3, $4, 'Running', true, 'usr_x', 'usr_x' FROM project p ORDER BY p.created_at LIMIT 1`,
    [id, name, host, JSON.stringify(spec)],
  );
  return id;
}

function claw(instanceId: string, more: Partial<ClawSample> = {}): ClawSample {
  return { instanceId, cpuMillicores: 100, memoryBytes: 2 ** 20, processes: 2, restarts: 0, diskBytes: null, ...more };
}

function tick(at: number, claws: readonly ClawSample[]): MetricTick {
  return { at: iso(at), host: { cpuMillicores: 700, memoryBytes: 2 ** 30, diskUsedBytes: 10, diskTotalBytes: 100, load1: 0.5 }, claws };
}

const send = (...ticks: MetricTick[]) => bridge.emitWithAck('metrics', ticks);
const rowsOf = (id: string, step: number) =>
  world.rows<{ at: Date; samples: number }>('SELECT at, samples FROM instance_metric WHERE instance_id = $1 AND step_seconds = $2 ORDER BY at', [id, step]);

async function use(id: string, at: number, latencyMs: number, status = 200): Promise<void> {
  await world.rows(
    `INSERT INTO usage_record (id, tenant_id, project_id, instance_id, provider, model, path, status, streamed, prompt_tokens, completion_tokens, cost_micro_usd, latency_ms, at)
     SELECT $1, tenant_id, project_id, id, 'acme', 'm', '/v1/chat/completions', $3, true, 100, 20, 50, $4, $5 FROM instance WHERE id = $2`,
    [newId(IdPrefix.usage), id, status, latencyMs, iso(at)],
  );
}

describe('samples of a bridge', () => {
  it('are kept once, however often and in whatever order they come', async () => {
    const ticks = [0, 10, 20].map((seconds) => tick(START + seconds * 1000, [claw(busy, { cpuMillicores: 100 + seconds * 10 })]));
    expect(await send(...ticks)).toEqual({ ok: true });
    expect(await send(...ticks.toReversed())).toEqual({ ok: true });
    expect(await rowsOf(busy, 0)).toHaveLength(3);
    expect(await world.rows('SELECT 1 FROM host_metric WHERE host_id = $1', [hostId])).toHaveLength(3);
  });

  it('are taken for claws of its own host only, and only of a time that can be', async () => {
    const other = newId(IdPrefix.host);
    await world.rows("INSERT INTO host (id, tenant_id, name, token_hash) VALUES ($1, NULL, 'other', $1)", [other]);
    const foreign = await instance('foreign', other);
    expect(await send(tick(START, [claw(foreign)]), tick(Date.now() + 10 * MINUTE, [claw(busy)]), tick(START - 300 * MINUTE, [claw(busy)]))).toEqual({
      ok: true,
    });
    expect(await rowsOf(foreign, 0)).toEqual([]);
    expect(await rowsOf(busy, 0)).toHaveLength(3);
  });

  it('are summed up level by level, again when late ones come, and not twice when nothing came', async () => {
    await rollUp(world.deps.systemPool);
    expect(await rowsOf(busy, 60)).toEqual([{ at: new Date(START), samples: 3 }]);
    expect(await rowsOf(busy, 300)).toEqual([{ at: new Date(START), samples: 3 }]);
    expect(await rollUp(world.deps.systemPool)).toBe(0);
    await send(
      tick(START + 30_000, [claw(busy, { cpuMillicores: 500, restarts: 2, diskBytes: 4096 })]),
      tick(START + 2 * MINUTE, [claw(busy, { restarts: 3 })]),
    );
    await rollUp(world.deps.systemPool);
    expect((await rowsOf(busy, 60)).map(({ samples }) => samples)).toEqual([4, 1]);
    expect((await rowsOf(busy, 300)).map(({ samples }) => samples)).toEqual([5]);
    expect((await rowsOf(busy, 86_400)).map(({ samples }) => samples)).toEqual([5]);
  });
});

describe('the metrics of an instance', () => {
  it('join what its host measured with what the model gateway metered, and leave holes where nothing was measured', async () => {
    await use(busy, START + 5_000, 10_000);
    await use(busy, START + 10_000, 10_000, 503);
    await use(busy, START + 119_000, 4_000);
    const { body } = await world.call(`GET /instances/${busy}/metrics?from=${iso(START)}&to=${iso(START + 4 * MINUTE)}&step=60`, undefined, { key });
    expect(body).toMatchObject({ stepSeconds: 60, limits: { cpuMillicores: 500, memoryBytes: 2 ** 30, storageBytes: 2 ** 31 } });
    expect(body.totals).toEqual({ restarts: 3, requests: 3, errors: 1, promptTokens: 300, completionTokens: 60, costMicroUsd: 150, activeSeconds: 19 });
    expect(body.points.map((point: { cpuMillicores: number | null }) => point.cpuMillicores)).toEqual([275, null, 100, null]);
    expect(body.points[0]).toMatchObject({
      at: iso(START),
      cpuMillicoresMax: 500,
      memoryBytes: 2 ** 20,
      restarts: 2,
      diskBytes: 4096,
      requests: 2,
      activeSeconds: 15,
    });
    expect(body.points[1]).toMatchObject({ memoryBytes: null, restarts: null, requests: 1, activeSeconds: 1 });
    expect(body.points[2]).toMatchObject({ restarts: 1, requests: 0, activeSeconds: 3 });
  });

  it('say the same from a coarser level', async () => {
    const { body } = await world.call(
      `GET /instances/${busy}/metrics?from=${iso(START - 8 * 60 * MINUTE)}&to=${iso(START + 10 * MINUTE)}&step=300`,
      undefined,
      { key },
    );
    expect(body.points.filter((point: { cpuMillicores: number | null }) => point.cpuMillicores !== null)).toMatchObject([
      { at: iso(START), cpuMillicores: 240, cpuMillicoresMax: 500 },
    ]);
  });

  it('are only for its tenant, and only for a window that can be', async () => {
    const stranger = await addStranger(world);
    expect((await world.call(`GET /instances/${busy}/metrics`, undefined, { key: stranger.key })).status).toBe(404);
    const wrong = await world.call(`GET /instances/${busy}/metrics?from=${iso(START)}&to=${iso(START - 1)}`, undefined, { key });
    expect(wrong.body).toMatchObject({ status: 422, errors: [{ path: '/query/from' }] });
  });
});

describe('use now', () => {
  it('names the busiest claws first, sums up the tenant, and knows no claw of another one', async () => {
    await send(tick(Date.now() - 2_000, [claw(busy, { cpuMillicores: 400, restarts: 3 }), claw(idle, { cpuMillicores: 3, memoryBytes: 2 ** 21 })]));
    const { body } = await world.call('GET /metrics/top', undefined, { key });
    expect(body.items.map(({ name }: { name: string }) => name)).toEqual(['busy', 'idle', 'foreign']);
    expect(body.items[0]).toMatchObject({ cpuMillicores: 400, cpuLimitMillicores: 500, requests: 3, errors: 1, restarts: 3 });
    expect(body.items[2]).toMatchObject({ at: null, cpuMillicores: null });
    expect(body.totals).toMatchObject({ instances: 3, measured: 2, cpuMillicores: 403, memoryBytes: 2 ** 20 + 2 ** 21, requests: 3 });
    const byMemory = await world.call('GET /metrics/top?sort=memory&limit=1&names=idle,busy', undefined, { key });
    expect(byMemory.body).toMatchObject({ items: [{ name: 'idle' }], totals: { instances: 2 } });
    const stranger = await addStranger(world);
    expect((await world.call('GET /metrics/top', undefined, { key: stranger.key })).body.items).toEqual([]);
  });

  it('is answered for hosts, now and over time', async () => {
    const top = await world.call('GET /metrics/top/hosts', undefined, { key });
    expect(top.body.items[0]).toMatchObject({ id: hostId, state: 'online', cpuMillicores: 700, cpuCapacityMillicores: 4000, diskUsedBytes: 10, load1: 0.5 });
    const { body } = await world.call(`GET /hosts/${hostId}/metrics`, undefined, { key });
    expect(body.capacity).toEqual({ cpuMillicores: 4000, memoryBytes: 8 * 2 ** 30, diskBytes: 100 });
    expect(body.points.filter((point: { cpuMillicores: number | null }) => point.cpuMillicores !== null).length).toBeGreaterThan(1);
  });

  it('comes by WebSocket: the last minutes first, then each sample as it is stored', async () => {
    const samples: { type: string; cpuMillicores: number; seq: number }[] = [];
    const socket = new WebSocket(`${world.api.url.replace('http', 'ws')}/api/v1/instances/${idle}/metrics/stream`, {
      headers: { authorization: `Bearer ${key}` },
    });
    socket.on('message', (data) => samples.push(JSON.parse(String(data))));
    await expect.poll(() => samples.length).toBe(1);
    await send(tick(Date.now(), [claw(idle, { cpuMillicores: 77 })]));
    await expect.poll(() => samples.length).toBe(2);
    expect(samples).toMatchObject([
      { seq: 1, type: 'sample', cpuMillicores: 3 },
      { seq: 2, type: 'sample', cpuMillicores: 77 },
    ]);
    socket.close();
  });
});

it('what is older than its level is kept is removed, and what a coarser level holds stays', async () => {
  const later = new Date(START + 7 * 3_600_000);
  const before = (await rowsOf(busy, 300)).length;
  expect(await removeOldMetrics(world.deps.systemPool, world.deps.config.METRICS_KEEP, later)).toBeGreaterThan(0);
  expect((await rowsOf(busy, 0)).every(({ at }) => at.getTime() >= later.getTime() - 6 * 3_600_000)).toBe(true);
  expect(await rowsOf(busy, 300)).toHaveLength(before);
});
