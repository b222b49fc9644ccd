import type { FieldError } from '../../../../workflows/contracts/failures.ts';
import { INSTANCE_NAME_PATTERN } from '../../../../workflows/contracts/ids.ts';
import type { ConfigOverride, InstanceView, Resources } from '../../../../workflows/contracts/instance.ts';
import type { CreateInstance } from '../../api/instances.ts';
import { labelParts, parseLabels } from './labels.ts';

/** Key of the setting that says which model answers. */
export const MODEL_KEY = 'model.name';

/** An instance as a person fills it in. Empty text means "the default"; settings hold only what was chosen. */
export interface InstanceDraft {
  name: string;
  type: string;
  version: string;
  hostId: string;
  labels: string[];
  resources: { cpu: string; memory: string; storage: string };
  settings: Record<string, unknown>;
}

/** A draft of which only the type is known. */
export function emptyDraft(type: string): InstanceDraft {
  return { name: '', type, version: '', hostId: '', labels: [], resources: { cpu: '', memory: '', storage: '' }, settings: {} };
}

/** A draft that stands for what an instance is now. */
export function draftOf(instance: InstanceView): InstanceDraft {
  const { spec } = instance;
  return {
    name: instance.name,
    type: spec.type,
    version: spec.version,
    hostId: spec.placement.hostId,
    labels: [...labelParts(instance.labels)],
    resources: { ...spec.resources },
    settings: Object.fromEntries(spec.config.overrides.map(({ key, value }) => [key, value])),
  };
}

/** Settings as overrides, in the order in which they were chosen. */
export function overridesOf(settings: Readonly<Record<string, unknown>>): ConfigOverride[] {
  return Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value }));
}

function chosenResources(draft: InstanceDraft): Partial<Resources> | undefined {
  const chosen = Object.entries(draft.resources).filter(([, value]) => value.trim() !== '');
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen.map(([name, value]) => [name, value.trim()]));
}

/** The request of a draft; what is left to the defaults is left out. */
export function createBody(draft: InstanceDraft): CreateInstance {
  const overrides = overridesOf(draft.settings);
  return {
    name: draft.name.trim(),
    type: draft.type,
    version: draft.version === '' ? undefined : draft.version,
    labels: { ...parseLabels(draft.labels).labels },
    resources: chosenResources(draft),
    config: overrides.length === 0 ? undefined : { overrides },
    placement: draft.hostId === '' ? undefined : { hostId: draft.hostId },
  };
}

const NAME = new RegExp(INSTANCE_NAME_PATTERN);

/** Whether a name has the form the API asks for. */
export function isInstanceName(name: string): boolean {
  return NAME.test(name);
}

/** A name made of what somebody typed: lower case, hyphens for what may not stand there. */
export function asInstanceName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\s_.]+/g, '-')
    .replace(/[^a-z0-9-]/g, '')
    .slice(0, 40);
}

function fieldOfPath(path: string, overrides: readonly ConfigOverride[]): string {
  const plain = path.replace(/^\/(specPatch|spec)(?=\/)/, '');
  const setting = /^\/config\/overrides\/(\d+)(?:\/|$)/.exec(plain);
  if (setting !== null) return `settings.${overrides[Number(setting[1])]?.key ?? ''}`;
  if (plain.startsWith('/labels')) return 'labels';
  if (plain.startsWith('/placement')) return 'hostId';
  return plain.slice(1).replaceAll('/', '.');
}

/** Errors of the API by the field of the form they belong to: `name`, `labels`, `resources.memory`, `settings.model.name`. */
export function errorsByField(errors: readonly FieldError[], overrides: readonly ConfigOverride[]): Readonly<Record<string, string>> {
  const byField: Record<string, string> = {};
  for (const { path, message } of errors) byField[fieldOfPath(path, overrides)] ??= message;
  return byField;
}
