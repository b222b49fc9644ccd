import type { InstanceMetricPoint, InstanceMetrics } from '../../api/metrics.ts';

/** Ranges of the history by their name in the URL, in seconds. */
export const RANGES = { '1h': 3_600, '24h': 86_400, '7d': 604_800, '30d': 2_592_000 } as const;
export type RangeName = keyof typeof RANGES;

/** The range a URL names; the shortest when it names none. */
export function rangeOf(text: string | undefined): RangeName {
  return text !== undefined && Object.hasOwn(RANGES, text) ? (text as RangeName) : '1h';
}

/** How numbers of a chart are written. */
export type Unit = 'cpu' | 'bytes' | 'count' | 'seconds';

/** Colours of lines by what they mean; resolved for the theme when drawn. */
export type Paint = 'primary' | 'info' | 'warning' | 'error' | 'neutral';

/** One line or bar of a chart; `name` is a message key. Null = nothing was measured. */
export interface ChartSeries {
  readonly name: string;
  readonly paint: Paint;
  readonly values: readonly (number | null)[];
}

/** One chart of the history; `title` is a message key. */
export interface Chart {
  readonly key: string;
  readonly title: string;
  readonly unit: Unit;
  readonly shape: 'line' | 'bars';
  readonly series: readonly ChartSeries[];
  /** What the claw may use, where there is such a limit. */
  readonly limit: number | null;
}

const MILLI = 1000;

/** The charts of an instance; CPU in cores, memory in bytes, the rest per step. */
export function chartsOf({ points, limits }: Pick<InstanceMetrics, 'points' | 'limits'>): readonly Chart[] {
  const pick = (of: (point: InstanceMetricPoint) => number | null) => points.map(of);
  const cores = (millicores: number | null) => (millicores === null ? null : millicores / MILLI);
  return [
    {
      key: 'cpu',
      title: 'metrics.cpu',
      unit: 'cpu',
      shape: 'line',
      limit: limits.cpuMillicores / MILLI,
      series: [
        { name: 'metrics.average', paint: 'primary', values: pick((point) => cores(point.cpuMillicores)) },
        { name: 'metrics.peak', paint: 'neutral', values: pick((point) => cores(point.cpuMillicoresMax)) },
      ],
    },
    {
      key: 'memory',
      title: 'metrics.memory',
      unit: 'bytes',
      shape: 'line',
      limit: limits.memoryBytes,
      series: [
        { name: 'metrics.average', paint: 'primary', values: pick((point) => point.memoryBytes) },
        { name: 'metrics.peak', paint: 'neutral', values: pick((point) => point.memoryBytesMax) },
      ],
    },
    {
      key: 'requests',
      title: 'metrics.requests',
      unit: 'count',
      shape: 'bars',
      limit: null,
      series: [
        { name: 'metrics.answered', paint: 'primary', values: pick((point) => point.requests - point.errors) },
        { name: 'metrics.errors', paint: 'error', values: pick((point) => point.errors) },
      ],
    },
    {
      key: 'tokens',
      title: 'metrics.tokens',
      unit: 'count',
      shape: 'bars',
      limit: null,
      series: [
        { name: 'metrics.tokensIn', paint: 'info', values: pick((point) => point.promptTokens) },
        { name: 'metrics.tokensOut', paint: 'primary', values: pick((point) => point.completionTokens) },
      ],
    },
    {
      key: 'active',
      title: 'metrics.active',
      unit: 'seconds',
      shape: 'bars',
      limit: null,
      series: [{ name: 'metrics.active', paint: 'primary', values: pick((point) => point.activeSeconds) }],
    },
    {
      key: 'restarts',
      title: 'metrics.restarts',
      unit: 'count',
      shape: 'bars',
      limit: null,
      series: [{ name: 'metrics.restarts', paint: 'warning', values: pick((point) => point.restarts) }],
    },
  ];
}

/** Newest, mean and greatest of a line; null when nothing was measured. */
export function summaryOf(values: readonly (number | null)[]): { readonly last: number; readonly mean: number; readonly most: number } | null {
  const measured = values.filter((value) => value !== null);
  const last = measured.at(-1);
  if (last === undefined) return null;
  return { last, mean: measured.reduce((sum, value) => sum + value, 0) / measured.length, most: Math.max(...measured) };
}

/** Whether anything at all was measured or metered in these points. */
export function isBlank(points: readonly InstanceMetricPoint[]): boolean {
  return points.every((point) => point.cpuMillicores === null && point.requests === 0);
}

/** The limit belongs into the picture when use comes near it; else it would press the line to the ground. */
export function showsLimit(limit: number | null, values: readonly (number | null)[]): boolean {
  const summary = summaryOf(values);
  return limit !== null && summary !== null && summary.most >= limit / 3;
}

/** Spans of time that people count in, in seconds. */
const SPANS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400];

/** A round distance between the lines of a chart up to `most`: powers of two for bytes, spans for times, 1, 2 and 5 for the rest; at most five lines. */
export function lineStep(unit: Unit, most: number): number {
  const wanted = Math.max(most, unit === 'count' ? 1 : unit === 'bytes' ? 1024 : 1e-3) / 4;
  if (unit === 'bytes') return 2 ** Math.ceil(Math.log2(wanted));
  if (unit === 'seconds') return SPANS.find((span) => span >= wanted) ?? wanted;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= wanted * 0.999) ?? wanted;
  return unit === 'count' ? Math.max(1, step) : step;
}

/** What is measured between two samples further apart than this is a hole, not a slope. Milliseconds. */
const HOLE_MS = 90_000;

/** One live sample. */
export interface LiveSample {
  readonly at: string;
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
}

/** Columns for a live chart: seconds since the epoch, cores, bytes; a row of nulls stands in each hole. */
export function liveColumns(samples: readonly LiveSample[]): [number[], (number | null)[], (number | null)[]] {
  const columns: [number[], (number | null)[], (number | null)[]] = [[], [], []];
  let before: number | null = null;
  for (const { at, cpuMillicores, memoryBytes } of samples) {
    const time = Date.parse(at);
    if (before !== null && time - before > HOLE_MS) {
      columns[0].push((before + 1) / 1000);
      columns[1].push(null);
      columns[2].push(null);
    }
    columns[0].push(time / 1000);
    columns[1].push(cpuMillicores / MILLI);
    columns[2].push(memoryBytes);
    before = time;
  }
  return columns;
}

/** Keeps the newest of the last `seconds` before the newest; a sample that is known already is not taken twice. */
export function withSamples(known: readonly LiveSample[], fresh: readonly LiveSample[], seconds: number): readonly LiveSample[] {
  const last = known.at(-1)?.at ?? '';
  const all = [...known, ...fresh.filter(({ at }) => at > last)];
  const newest = all.at(-1);
  if (!newest) return all;
  const from = Date.parse(newest.at) - seconds * 1000;
  return all.filter(({ at }) => Date.parse(at) >= from);
}
