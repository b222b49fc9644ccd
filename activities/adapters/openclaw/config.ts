import { z } from 'zod';
import type { FieldError } from '../../../workflows/contracts/failures.ts';
import type { ConfigOverride } from '../../../workflows/contracts/instance.ts';
import { badKey, keyPointer, refuseErrors, segmentsOf, valuePointer, withValue } from '../overrides.ts';
import { ownedBecause, reservedSecretIn } from './owned-paths.ts';
import { SETTINGS, settings } from './settings.ts';

const RAW_PREFIX = 'openclaw.';

/** The unified config of an OpenClaw; `openclaw` maps dotted paths of its own configuration to values, in the order they were set. */
export type OpenClawConfig = z.output<typeof settings>;

/** JSON Schema of the settings, nested as the dotted keys are. */
export const openClawConfigSchema: Readonly<Record<string, unknown>> = z.toJSONSchema(settings, { io: 'input' });

/** The unified config from overrides, later ones winning. Throws INVALID_CONFIG naming each wrong setting by its JSON pointer. */
export function parseOpenClawConfig(overrides: readonly ConfigOverride[]): OpenClawConfig {
  const errors: FieldError[] = [];
  const raw = new Map<string, unknown>();
  let known: Record<string, unknown> = {};
  overrides.forEach((override, index) => {
    const isRaw = override.key.startsWith(RAW_PREFIX);
    const found = isRaw ? checkRaw(override, index) : checkLeaf(override, index);
    errors.push(...found);
    if (found.length > 0) return;
    const path = override.key.split('.');
    if (!isRaw) known = withValue(known, path, override.value);
    else setLast(raw, override.key.slice(RAW_PREFIX.length), override.value);
  });
  refuseErrors(errors);
  return settings.parse({ ...known, openclaw: Object.fromEntries(raw) });
}

function checkLeaf({ key, value }: ConfigOverride, index: number): FieldError[] {
  const schema = SETTINGS.get(key);
  if (!schema) return [{ path: keyPointer(index), message: unknownKey(key) }];
  const result = schema.safeParse(value);
  if (result.success && value !== undefined) return [];
  const issues = result.error?.issues ?? [{ path: [], message: 'a value is missing' }];
  return issues.map((issue) => ({ path: valuePointer(index, issue.path), message: `${key}: ${issue.message}` }));
}

function checkRaw({ key, value }: ConfigOverride, index: number): FieldError[] {
  const path = segmentsOf(key.slice(RAW_PREFIX.length));
  if (!path) return [{ path: keyPointer(index), message: badKey(key) }];
  const reason = ownedBecause(path);
  if (reason) return [{ path: keyPointer(index), message: reason }];
  if (!z.json().safeParse(value).success) return [{ path: valuePointer(index), message: `${key}: a JSON value is needed` }];
  const secret = reservedSecretIn(value);
  return secret ? [{ path: valuePointer(index, secret), message: `${key}: the platform's own secrets cannot be used in settings` }] : [];
}

function unknownKey(key: string): string {
  if (!segmentsOf(key)) return badKey(key);
  const all = [...SETTINGS.keys()];
  const group = key.split('.')[0] ?? '';
  const near = all.filter((known) => known.startsWith(`${group}.`));
  const offered = near.length > 0 ? near : [...new Set(all.map((known) => `${known.split('.')[0]}.…`)), 'openclaw.<path>'];
  return `${key} is not a setting of openclaw; there are ${offered.join(', ')}`;
}

/** Keeps the order of the last setting of a path, so that what was set later is applied later. */
function setLast(map: Map<string, unknown>, key: string, value: unknown): void {
  map.delete(key);
  map.set(key, value);
}
