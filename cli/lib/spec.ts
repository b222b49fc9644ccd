import type { InstanceView, Resources } from '../../workflows/contracts/instance.ts';
import { mergeOverrides, type Override, parseOverrides } from './parse.ts';

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
