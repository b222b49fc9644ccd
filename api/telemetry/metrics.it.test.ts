import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiWorld, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';
import { readSamples, type Samples } from './testing/read-samples.ts';

let world: ApiWorld;
let key: string;

beforeAll(async () => {
  world = await openApiWorld({ env: { METRICS_PORT: '0' } });
  key = await setUp(world);
  await hostOnline(world);
});

afterAll(() => world.close());

async function scrape(): Promise<Samples> {
  const answer = await fetch(world.api.metricsUrl ?? '');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return readSamples(await answer.text());
}

describe('the metrics of the API', () => {
  it('count requests by the template of their path, and nothing that a caller chose', async () => {
    const labels = { route: '/api/v1/instances/{id}', method: 'GET', status_class: '4xx' };
    const before = (await scrape()).value('clawloops_http_request_duration_seconds_count', labels) ?? 0;
    const ids = ['ins_00000000000000000001', 'ins_00000000000000000002'];
    for (const id of ids) expect((await world.call(`GET /instances/${id}`, undefined, { key })).status).toBe(404);
    await fetch(`${world.api.url}/no/such/path`);
    await expect.poll(async () => (await scrape()).value('clawloops_http_request_duration_seconds_count', labels)).toBe(before + 2);
    await expect.poll(async () => (await scrape()).labels('route')).toContain('other');
    const routes = (await scrape()).labels('route');
    expect(routes.filter((route) => /ins_|no\/such/.test(route))).toEqual([]);
  });

  it('show the fleet and what waits to be delivered', async () => {
    const created = await world.call('POST /instances', { name: 'counted', resources: { cpu: '10m', memory: '64Mi' } }, { key });
    expect(created.status).toBe(202);
    await expect.poll(async () => (await scrape()).value('clawloops_instances', { phase: 'Creating' })).toBe(1);
    const samples = await scrape();
    expect(samples.value('clawloops_hosts', { state: 'online' })).toBe(1);
    expect(samples.value('clawloops_fleet_readable')).toBe(1);
    expect(samples.value('clawloops_relay_pending')).toBeGreaterThanOrEqual(0);
    expect(samples.value('clawloops_relay_oldest_seconds')).toBeGreaterThanOrEqual(0);
    await expect.poll(async () => (await scrape()).value('clawloops_relay_leading')).toBe(1);
  });

  it('show the process: its build, its pools, its sockets', async () => {
    const samples = await scrape();
    expect(samples.value('clawloops_build_info', { component: 'api', node: process.versions.node })).toBe(1);
    expect(samples.value('clawloops_db_pool_connections', { pool: 'app', state: 'waiting' })).toBe(0);
    expect(samples.value('clawloops_sockets', { kind: 'bridges' })).toBe(0);
    expect(samples.value('process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  it('hold no id of a tenant, an instance or a request, and no secret', async () => {
    const text = await (await fetch(world.api.metricsUrl ?? '')).text();
    expect(text).not.toMatch(/\b(ten|ins|op|usr|prj|hst)_[0-9a-z]{20}/);
    expect(text).not.toContain(world.hostToken);
  });

  it('are nowhere on the public port, and nothing else is on theirs', async () => {
    for (const path of ['/metrics', '/api/metrics', '/api/v1/metrics', '/internal/metrics']) {
      const answer = await fetch(`${world.api.url}${path}`);
      expect(await answer.text(), path).not.toContain('clawloops_');
    }
    const { origin } = new URL(world.api.metricsUrl ?? '');
    expect((await fetch(`${origin}/livez`)).status).toBe(404);
    expect((await fetch(`${origin}/metrics`, { method: 'POST' })).status).toBe(404);
  });
});
