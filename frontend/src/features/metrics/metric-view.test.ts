import { expect, test } from 'vitest';
import type { InstanceMetricPoint } from '../../api/metrics.ts';
import { chartsOf, isBlank, lineStep, liveColumns, rangeOf, showsLimit, summaryOf, withSamples } from './metric-view.ts';

const HOLE: InstanceMetricPoint = {
  at: '2026-11-21T10:00:00.000Z',
  cpuMillicores: null,
  cpuMillicoresMax: null,
  memoryBytes: null,
  memoryBytesMax: null,
  processes: null,
  diskBytes: null,
  restarts: null,
  requests: 0,
  errors: 0,
  promptTokens: 0,
  completionTokens: 0,
  costMicroUsd: 0,
  activeSeconds: 0,
};
const sample = (at: string, cpuMillicores = 100) => ({ at, cpuMillicores, memoryBytes: 5 });

test('a URL that names no range means the last hour', () => {
  expect(['7d', '8d', undefined, 'toString'].map(rangeOf)).toEqual(['7d', '1h', '1h', '1h']);
});

test('charts keep holes as holes and count failed requests apart', () => {
  const points = [{ ...HOLE, cpuMillicores: 250, cpuMillicoresMax: 500, requests: 5, errors: 2 }, HOLE];
  const charts = Object.fromEntries(chartsOf({ points, limits: { cpuMillicores: 500, memoryBytes: 1, storageBytes: 1 } }).map((chart) => [chart.key, chart]));
  expect(charts.cpu).toMatchObject({ limit: 0.5, series: [{ values: [0.25, null] }, { values: [0.5, null] }] });
  expect(charts.requests?.series.map(({ values }) => values)).toEqual([
    [3, 0],
    [2, 0],
  ]);
});

test('a summary speaks of what was measured only', () => {
  expect(summaryOf([null, 1, 3, null])).toEqual({ last: 3, mean: 2, most: 3 });
  expect(summaryOf([null])).toBeNull();
});

test('a limit is drawn when use comes near it', () => {
  expect([showsLimit(9, [3]), showsLimit(9, [2]), showsLimit(null, [3]), showsLimit(9, [])]).toEqual([true, false, false, false]);
});

test('lines of a chart stand at round values', () => {
  expect([
    lineStep('bytes', 256 * 2 ** 20),
    lineStep('bytes', 0),
    lineStep('cpu', 0.5),
    lineStep('cpu', 0.004),
    lineStep('count', 3),
    lineStep('count', 130),
    lineStep('seconds', 250),
  ]).toEqual([64 * 2 ** 20, 256, 0.2, 0.001, 1, 50, 120]);
});

test('nothing measured and nothing asked is blank', () => {
  expect([isBlank([HOLE]), isBlank([{ ...HOLE, requests: 1 }]), isBlank([{ ...HOLE, cpuMillicores: 0 }])]).toEqual([true, false, false]);
});

test('a pause between live samples is a hole in the line', () => {
  const columns = liveColumns([sample('2026-11-21T10:00:00Z'), sample('2026-11-21T10:00:10Z'), sample('2026-11-21T10:05:00Z')]);
  expect(columns[1]).toEqual([0.1, 0.1, null, 0.1]);
});

test('samples that come again after a lost connection are taken once, and old ones go', () => {
  const known = withSamples([], [sample('2026-11-21T10:00:00Z'), sample('2026-11-21T10:00:10Z')], 600);
  const more = withSamples(known, [sample('2026-11-21T10:00:10Z'), sample('2026-11-21T10:10:05Z')], 600);
  expect(more.map(({ at }) => at)).toEqual(['2026-11-21T10:00:10Z', '2026-11-21T10:10:05Z']);
});
