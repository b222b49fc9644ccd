import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import type { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createRegistry, measurePools } from '../../activities/platform/metrics/process-metrics.ts';
import { measureWork } from '../../activities/platform/metrics/work-metrics.ts';
import { createApiMetrics } from '../../api/telemetry/api-metrics.ts';
import { measureFleet } from '../../api/telemetry/fleet-metrics.ts';
import { repositoryRoot } from '../local/platform.ts';

const read = (path: string) => readFileSync(join(repositoryRoot, path), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

const rules = (parse(read('deploy/prometheus/rules.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

const { panels } = JSON.parse(read('deploy/grafana/clawloops.json')) as { panels: Panel[] };

/** Every series that the processes show. */
async function shown(): Promise<ReadonlySet<string>> {
  const { registry: api } = createApiMetrics();
  const systemPool = new pg.Pool();
  const logger = pino({ level: 'silent' });
  const relayLag = async () => ({ pending: 0, oldestSeconds: 0 });
  measureFleet({ registry: api, systemPool, relayLag, isLeading: () => true, sockets: () => ({}), logger });
  measurePools(api, { app: systemPool });
  const worker = createRegistry('worker');
  measureWork(worker);
  const names = [api, worker].flatMap((registry: Registry) => registry.getMetricsAsArray()).flatMap(({ name, type }) => seriesOf(name, String(type)));
  return new Set(names);
}

function seriesOf(name: string, type: string): readonly string[] {
  return type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name];
}

/** Names of series in an expression. */
function seriesIn(expression: string): readonly string[] {
  return expression.match(/\b(clawloops|process|nodejs)_[a-z0-9_]+\b/g) ?? [];
}

test('every alert and every panel is about numbers that the platform shows', async () => {
  const series = await shown();
  const used = [...rules.map(({ expr }) => expr), ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))].flatMap(seriesIn);
  expect(used.length).toBeGreaterThan(25);
  for (const name of used) expect(series, name).toContain(name);
});

test('every alert says what it is about and where to read on', () => {
  const page = read('docs/troubleshoot.md');
  for (const { alert, annotations } of rules) {
    expect(annotations.summary, alert).not.toBe('');
    expect(annotations.runbook_url).toBe(`docs/troubleshoot.md#alert-${alert.toLowerCase()}`);
    expect(page, alert).toContain(`### Alert ${alert}\n`);
  }
});

test('no panel of the dashboard covers another', () => {
  for (const [index, { gridPos: a, title }] of panels.entries()) {
    expect(a.x + a.w, title).toBeLessThanOrEqual(24);
    for (const { gridPos: b, title: other } of panels.slice(index + 1)) {
      const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
      expect(apart, `${title} and ${other}`).toBe(true);
    }
  }
});

test('every metric is documented', async () => {
  const page = read('docs/operate.md');
  const own = [...(await shown())].filter((name) => name.startsWith('clawloops_')).map((name) => name.replace(/_(bucket|sum|count)$/, ''));
  for (const name of new Set(own)) expect(page, name).toContain(`\`${name}`);
});
