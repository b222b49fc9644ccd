import type { z } from 'zod';
import { Failure, type FieldError } from '../../workflows/contracts/failures.ts';

function pointer(base: string, path: readonly PropertyKey[]): string {
  return `${base}${path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}` || '/';
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is needed';
  return issue.message;
}

/** Field errors of a zod result: unknown fields are named one by one. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[], base: string): FieldError[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: pointer(base, [...issue.path, key]), message: 'is not a known field' }));
    if (issue.code === 'invalid_key') return issue.issues.map((inner) => ({ path: pointer(base, issue.path), message: inner.message }));
    return [{ path: pointer(base, issue.path), message: messageOf(issue) }];
  });
}

const DEPTH_MAX = 64;

/** What no schema asks about and the database could not keep: values nested without end, and text that is no text. */
function unstorable(value: unknown, base: string): FieldError[] {
  const open: { value: unknown; path: PropertyKey[] }[] = [{ value, path: [] }];
  const errors: FieldError[] = [];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value: one, path } = next;
    if (typeof one === 'string' && !isText(one)) errors.push({ path: pointer(base, path), message: 'must not hold a NUL character or half of a character' });
    if (typeof one !== 'object' || one === null) continue;
    if (path.length >= DEPTH_MAX) return [{ path: pointer(base, path.slice(0, 1)), message: `must not be nested deeper than ${DEPTH_MAX} levels` }];
    for (const [key, inner] of Object.entries(one)) {
      if (!isText(key)) errors.push({ path: pointer(base, path), message: 'must not have a name with a NUL character or half of a character' });
      open.push({ value: inner, path: [...path, key] });
    }
  }
  return errors;
}

function isText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Parses one part of a request. Throws VALIDATION_FAILED with a JSON pointer per wrong field. */
export function validate<S extends z.ZodType>(schema: S, value: unknown, base = ''): z.infer<S> {
  const unfit = unstorable(value, base);
  if (unfit.length > 0) throw new Failure('VALIDATION_FAILED', summary(unfit), { errors: unfit });
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const errors = fieldErrors(result.error.issues, base);
  throw new Failure('VALIDATION_FAILED', summary(errors), { errors });
}

/** One sentence about the first errors, for those who read only the detail. */
export function summary(errors: readonly FieldError[]): string {
  const [first] = errors;
  if (!first) return 'The request is not valid.';
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return `${first.path}: ${first.message}${more}`;
}
