import type { ConfigDocument } from '../../../workflows/contracts/config.ts';
import { isPlainObject } from '../canonical.ts';
import { segmentsOf } from '../overrides.ts';

/** One setting: where it stands and what it is set to. */
export interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

/**
 * The settings of a nested object, one for each path that a dotted key can name. Lists are one setting, and so is an object that is empty
 * or has a member whose name no dotted key can hold.
 */
export function leavesOf(settings: ConfigDocument['settings'], above: readonly string[] = []): readonly Leaf[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const path = [...above, name];
    return isGroup(value) && Object.keys(value).length > 0 ? leavesOf(value, path) : [{ path, value }];
  });
}

/** A stored secret by its name, as settings hold it. */
export interface SecretReference {
  readonly secret: string;
}

/** Whether a value stands for a stored secret. */
export function isSecretReference(value: unknown): value is SecretReference {
  return isPlainObject(value) && typeof value['secret'] === 'string' && Object.keys(value).length === 1;
}

/** Whether an object is a group of settings, if only of none, rather than the value of one. */
export function isGroup(value: unknown): value is Record<string, unknown> {
  return isPlainObject(value) && !isSecretReference(value) && Object.keys(value).every((name) => !name.includes('.') && segmentsOf(name) !== null);
}

/** Whether setting one of two dotted keys would change what the other says. */
export function touches(left: string, right: string): boolean {
  return left === right || left.startsWith(`${right}.`) || right.startsWith(`${left}.`);
}
