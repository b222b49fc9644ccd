import { z } from 'zod';
import { METRIC_LATE_SECONDS, METRIC_STEPS, type MetricKeep } from '../../workflows/contracts/metrics.ts';

/** What metrics are kept for when nobody says otherwise. */
const DEFAULT_KEEP = 'raw=6h,1m=48h,5m=14d,1h=90d,1d=730d';

const LEVELS = ['raw', '1m', '5m', '1h', '1d'] as const;
const UNIT_SECONDS: Readonly<Record<string, number>> = { h: 3_600, d: 86_400 };

/** A level must outlive the step above it and the latest sample that may still come. */
function leastSeconds(level: number): number {
  return METRIC_LATE_SECONDS + 2 * (METRIC_STEPS[level + 1] ?? 0);
}

/** `raw=6h,1m=48h,…`: how long each level of metrics is kept; a level that is not named keeps its default. Answers seconds in the order of METRIC_STEPS. */
export const metricsKeep = z
  .string()
  .default(DEFAULT_KEEP)
  .transform((text, context): MetricKeep => {
    const wanted = new Map([...pairs(DEFAULT_KEEP), ...pairs(text)]);
    for (const [name, value] of wanted) {
      const level = LEVELS.indexOf(name as (typeof LEVELS)[number]);
      const seconds = secondsOf(value);
      if (level < 0) context.addIssue(`knows the levels ${LEVELS.join(', ')}, not "${name}"`);
      else if (seconds === null) context.addIssue(`${name} must be hours or days such as 48h or 14d`);
      else if (seconds < leastSeconds(level)) context.addIssue(`${name} must be kept for at least ${Math.ceil(leastSeconds(level) / 3_600)}h`);
    }
    return LEVELS.map((name) => secondsOf(wanted.get(name) ?? '') ?? 0) as unknown as MetricKeep;
  });

function pairs(text: string): [string, string][] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', value = ''] = part.split('=');
      return [name.trim(), value.trim()];
    });
}

function secondsOf(text: string): number | null {
  const match = /^([1-9]\d{0,4})([hd])$/.exec(text);
  return match ? Number(match[1]) * (UNIT_SECONDS[match[2] ?? ''] ?? 0) : null;
}
