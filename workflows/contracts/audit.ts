/** What came of an act. `refused`: its author may not, or a rule forbids it. `failed`: it was tried and did not work. */
export const AuditResult = { done: 'done', refused: 'refused', failed: 'failed' } as const;
export type AuditResult = (typeof AuditResult)[keyof typeof AuditResult];

/** One value that an act changed; `path` is a JSON pointer. A side that had none is undefined. */
export interface AuditDifference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

const isBranch = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isEmpty = (value: Record<string, unknown>): boolean => Object.keys(value).length === 0;

function leaves(value: unknown, path = ''): [string, unknown][] {
  if (!isBranch(value) || isEmpty(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`));
}

/** Every value that differs between `before` and `after`, in the order of `after`, then what is gone. Null on a side: nothing was recorded there. */
export function differencesOf(before: unknown, after: unknown): readonly AuditDifference[] {
  const old = new Map(before === null || before === undefined ? [] : leaves(before));
  const now = new Map(after === null || after === undefined ? [] : leaves(after));
  const became = (empty: unknown, path: string, other: ReadonlyMap<string, unknown>): boolean =>
    isBranch(empty) && [...other.keys()].some((inner) => inner.startsWith(`${path}/`));
  const paths = [...now.keys(), ...[...old.keys()].filter((path) => !now.has(path))];
  return (
    paths
      .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
      .filter((one) => JSON.stringify(one.before) !== JSON.stringify(one.after))
      // What was added to something empty, or taken until it was, is said already.
      .filter((one) => !became(one.before, one.path, now) && !became(one.after, one.path, old))
  );
}
