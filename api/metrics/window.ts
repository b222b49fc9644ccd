import { METRIC_STEPS, type MetricKeep } from '../../workflows/contracts/metrics.ts';

/** What is asked for, as given. */
export interface WindowQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly step?: number | undefined;
}

/** Which rows answer a question about a time. `from` and `to` are whole steps. */
export interface MetricWindow {
  readonly from: Date;
  readonly to: Date;
  readonly stepSeconds: number;
  /** Step of the rows that are read. */
  readonly level: number;
}

const HOUR_MS = 3_600_000;
const POINTS_MAX = 1000;
const POINTS_USUAL = 360;
/** Rows one series may be made of. */
const ROWS_MAX = 2_200;
/** Samples have no step of their own; this many seconds lie between two of them, or more. */
const RAW_SECONDS = 10;
const NICE_STEPS = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 604_800];

/**
 * Chooses the finest level that still has the beginning and is not too many rows; a step shorter than what the level holds is made
 * longer. The usual step gives some hundred points.
 */
export function chooseWindow(query: WindowQuery, keep: MetricKeep, now = Date.now()): MetricWindow {
  const to = query.to === undefined ? now : Date.parse(query.to);
  const from = Math.min(query.from === undefined ? to - HOUR_MS : Date.parse(query.from), to - 1000);
  const seconds = (to - from) / 1000;
  const age = (now - from) / 1000;
  const kept = METRIC_STEPS.filter((_, index) => age <= (keep[index] ?? 0));
  const affordable = (kept.length > 0 ? kept : METRIC_STEPS.slice(-1)).filter((step) => seconds / (step || RAW_SECONDS) <= ROWS_MAX);
  const level = affordable[0] ?? METRIC_STEPS.at(-1) ?? 0;
  const asked = query.step ?? usualStep(seconds);
  const stepSeconds = wholeLevels(Math.max(asked, seconds / POINTS_MAX), level);
  const stepMs = stepSeconds * 1000;
  return { from: new Date(Math.floor(from / stepMs) * stepMs), to: new Date(Math.ceil(to / stepMs) * stepMs), stepSeconds, level };
}

function usualStep(seconds: number): number {
  return NICE_STEPS.find((step) => seconds / step <= POINTS_USUAL) ?? Math.ceil(seconds / POINTS_USUAL);
}

function wholeLevels(step: number, level: number): number {
  const unit = level || RAW_SECONDS;
  return Math.max(1, Math.ceil(step / unit)) * unit;
}

/** The beginnings of every step of a window. */
export function bucketsOf({ from, to, stepSeconds }: MetricWindow): readonly number[] {
  const count = Math.round((to.getTime() - from.getTime()) / (stepSeconds * 1000));
  return Array.from({ length: count }, (_, index) => from.getTime() + index * stepSeconds * 1000);
}
