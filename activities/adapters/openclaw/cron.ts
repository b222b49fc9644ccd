/** Lowest and highest value of each of the five fields: minute, hour, day of the month, month, day of the week (7 is Sunday too). */
const FIELDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

const PART = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/;

/** Whether a text is a cron expression of five fields, such as `0 3 * * 1-5`. */
export function isCron(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  return fields.length === FIELDS.length && FIELDS.every(([low, high], index) => (fields[index] ?? '').split(',').every((part) => isPart(part, low, high)));
}

function isPart(text: string, low: number, high: number): boolean {
  const match = PART.exec(text);
  if (!match) return false;
  const [from = low, to = from, step = 1] = match.slice(1).map((number) => (number === undefined ? undefined : Number(number)));
  return from >= low && to <= high && from <= to && step >= 1;
}
