import { Failure, type FieldError } from '../../workflows/contracts/failures.ts';
import type { ConfigOverride } from '../../workflows/contracts/instance.ts';
import { isPlainObject } from './canonical.ts';

const ROOT = '/spec/config/overrides';
const SEGMENT = /^[A-Za-z0-9_$][A-Za-z0-9_:@/-]*$/;
const NEVER = new Set(['__proto__', 'constructor', 'prototype']);

/** JSON pointer of the value of an override, or of a part of it. */
export function valuePointer(index: number, inside: readonly PropertyKey[] = []): string {
  return [`${ROOT}/${index}/value`, ...inside.map(pointerSegment)].join('/');
}

/** JSON pointer of the key of an override. */
export function keyPointer(index: number): string {
  return `${ROOT}/${index}/key`;
}

/** Escapes one segment of a JSON pointer. */
export function pointerSegment(segment: PropertyKey): string {
  return String(segment).replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Segments of a dotted key, or null when it is not one (empty segment, odd character, a name with a meaning in JavaScript). */
export function segmentsOf(key: string): readonly string[] | null {
  const segments = key.split('.');
  return segments.every((segment) => SEGMENT.test(segment) && !NEVER.has(segment)) ? segments : null;
}

/** A copy of `target` in which the value at `path` is replaced; what stands in the way and is no object gives way. */
export function withValue(target: Readonly<Record<string, unknown>>, path: readonly string[], value: unknown): Record<string, unknown> {
  const [head, ...rest] = path;
  if (head === undefined) throw new Failure('INTERNAL', 'a setting has an empty path');
  const member = Object.hasOwn(target, head) ? target[head] : undefined;
  return { ...target, [head]: rest.length === 0 ? value : withValue(isPlainObject(member) ? member : {}, rest, value) };
}

/** The value at a path, or undefined. */
export function valueAt(target: unknown, path: readonly string[]): unknown {
  let value = target;
  for (const segment of path) {
    if (!isPlainObject(value) || !Object.hasOwn(value, segment)) return undefined;
    value = value[segment];
  }
  return value;
}

/** One object from dotted keys, later overrides winning, and which override a JSON pointer into it came from. */
export function nestOverrides(overrides: readonly ConfigOverride[]): {
  readonly value: Record<string, unknown>;
  readonly errors: readonly FieldError[];
  readonly locate: (pointer: string) => string;
} {
  let value: Record<string, unknown> = {};
  const errors: FieldError[] = [];
  const sources: { readonly pointer: string; readonly index: number }[] = [];
  overrides.forEach((override, index) => {
    const path = segmentsOf(override.key);
    if (!path) {
      errors.push({ path: keyPointer(index), message: badKey(override.key) });
      return;
    }
    value = withValue(value, path, override.value);
    sources.unshift({ pointer: `/${path.map(pointerSegment).join('/')}`, index });
  });
  const locate = (pointer: string): string => {
    const source = sources.find((candidate) => pointer === candidate.pointer || pointer.startsWith(`${candidate.pointer}/`));
    return source ? `${valuePointer(source.index)}${pointer.slice(source.pointer.length)}` : ROOT;
  };
  return { value, errors, locate };
}

/** What is said of a key that is not a dotted path. */
export function badKey(key: string): string {
  return `${JSON.stringify(key.slice(0, 80))} is not a setting: a key is a dotted path such as model.name`;
}

/** Throws INVALID_CONFIG naming every wrong setting, when there is one. */
export function refuseErrors(errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  const [first] = errors;
  const message = errors.length === 1 && first ? first.message : `${errors.length} settings are not valid.`;
  throw new Failure('INVALID_CONFIG', message, { errors });
}
