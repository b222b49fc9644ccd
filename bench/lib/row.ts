/** Something measured. `ok` is null without a target; a target is the most that is good. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: number | null;
  readonly ok: boolean | null;
}

/** A row; the value is rounded to what a reader can use, and compared before that. */
export function row(name: string, value: number, unit: string, target: number | null = null): Row {
  return { name, value: rounded(value), unit, target, ok: target === null ? null : value <= target };
}

/** Three significant digits, and no fraction from 100 on. */
export function rounded(value: number): number {
  if (!Number.isFinite(value)) return value;
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
