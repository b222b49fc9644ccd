/** How much of something there was at a time. `at` in milliseconds. */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

/** A straight line through samples. */
export interface Trend {
  /** Per hour, in the unit of the samples. */
  readonly slopePerHour: number;
  /** What the line says for the first and the last sample that it goes through. */
  readonly from: number;
  readonly to: number;
  readonly minutes: number;
}

const WARM_UP_SHARE = 1 / 3;
const HOUR_MS = 3_600_000;

/** Least squares over the last two thirds of the time, so that warming up does not count; null with fewer than three samples there. */
export function trendOf(samples: readonly Sample[]): Trend | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return null;
  const begin = first.at + (last.at - first.at) * WARM_UP_SHARE;
  const judged = samples.filter(({ at }) => at >= begin);
  const origin = judged[0];
  if (!origin || judged.length < 3) return null;
  const hours = judged.map(({ at }) => (at - origin.at) / HOUR_MS);
  const meanHours = mean(hours);
  const meanValue = mean(judged.map(({ value }) => value));
  const spread = hours.reduce((sum, hour) => sum + (hour - meanHours) ** 2, 0);
  if (spread === 0) return null;
  const slopePerHour = judged.reduce((sum, { value }, index) => sum + ((hours[index] as number) - meanHours) * (value - meanValue), 0) / spread;
  const length = (last.at - origin.at) / HOUR_MS;
  const from = meanValue - slopePerHour * meanHours;
  return { slopePerHour, from, to: from + slopePerHour * length, minutes: length * 60 };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
