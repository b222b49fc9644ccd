import type { InstanceView, Resources } from '../../workflows/contracts/instance.ts';
import type { Session } from './client.ts';
import { mergeOverrides, type Override, parseOverrides } from './parse.ts';
import { findConfig } from './resolve.ts';

/** `--cpu`, `--memory` and `--storage`: Kubernetes quantities, checked by the platform. */
export interface ResourceOptions {
  readonly cpu?: string;
  readonly memory?: string;
  readonly storage?: string;
}

/** The resources that were named, undefined when none was. */
export function pickResources({ cpu, memory, storage }: ResourceOptions): Partial<Resources> | undefined {
  const named = { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}), ...(storage ? { storage } : {}) };
  return Object.keys(named).length > 0 ? named : undefined;
}

/** `--set` and `--unset`. */
export interface SettingOptions {
  readonly set?: readonly string[];
  readonly unset?: readonly string[];
}

/** The settings of an instance after the options, undefined when the options name none. */
export function pickConfig(instance: InstanceView, { set = [], unset = [] }: SettingOptions): { overrides: Override[] } | undefined {
  if (set.length === 0 && unset.length === 0) return undefined;
  return { overrides: mergeOverrides(instance.spec.config.overrides, parseOverrides(set), unset) };
}

/** `--config` and `--var`. */
export interface LayerOptions {
  readonly config?: readonly string[];
  readonly var?: readonly string[];
}

interface PickedLayers {
  readonly layers?: { config: string; version?: number }[];
  readonly variables?: Record<string, VariableValue>;
}

type VariableValue = string | number | boolean | string[];

/** The versions of configs and the values that the options name. `before`: values that stay unless they are named again. */
export async function pickLayers(
  session: Session,
  { config, var: pairs }: LayerOptions,
  before: Readonly<Record<string, unknown>> = {},
): Promise<PickedLayers> {
  const layers = config && (await Promise.all(config.map((word) => pinOf(session, word))));
  const values = pairs && Object.fromEntries(parseOverrides(pairs).map(({ key, value }) => [key, value]));
  return { ...(layers ? { layers } : {}), ...(values ? { variables: { ...before, ...values } as Record<string, VariableValue> } : {}) };
}

/** `name` is the current version, `name@3` that one. */
async function pinOf(session: Session, word: string): Promise<{ config: string; version?: number }> {
  const [, name = word, version] = /^(.+)@(\d+)$/.exec(word) ?? [];
  const { id } = await findConfig(session, name);
  return { config: id, ...(version === undefined ? {} : { version: Number(version) }) };
}
