import { bytesQuantity, cpuMillis, quantityBytes } from '../../../../workflows/contracts/quantities.ts';
import type { ClawRules, Plan, QuotaAmount, QuotaLimits, QuotaScope } from '../../api/quotas.ts';

/** The resources of a quota, in the order in which they are read. */
export const QUOTA_RESOURCES = ['instances', 'cpu', 'memory', 'storage'] as const;
export type QuotaResource = (typeof QUOTA_RESOURCES)[number];

/** Message keys of their names. */
export const RESOURCE_NAMES: Readonly<Record<QuotaResource, string>> = {
  instances: 'nav.instances',
  cpu: 'resource.cpu',
  memory: 'resource.memory',
  storage: 'resource.storage',
};

/** What is used of one resource, and what limits it. */
export function amountOf(scope: QuotaScope, resource: QuotaResource): QuotaAmount {
  if (resource === 'instances') return scope.instances;
  return resource === 'cpu' ? scope.cpuMillis : resource === 'memory' ? scope.memoryBytes : scope.storageBytes;
}

/** Limits as somebody types them: empty text is no limit. */
export interface LimitDraft {
  instances: string;
  cpu: string;
  memory: string;
  storage: string;
}

export function limitDraft({ instances = null, cpu = null, memory = null, storage = null }: QuotaLimits): LimitDraft {
  return { instances: instances === null ? '' : String(instances), cpu: cpu ?? '', memory: memory ?? '', storage: storage ?? '' };
}

/** The limits that were typed. A number alone means GiB of memory or storage, as people say it. */
export function limitsOf(draft: LimitDraft): Plan['limits'] {
  const said = (text: string): string | null => text.trim() || null;
  const size = (text: string): string | null => (/^\s*\d+\s*$/.test(text) ? bytesQuantity(Number(text) * 2 ** 30) : said(text));
  return {
    instances: said(draft.instances) === null ? null : Number(draft.instances),
    cpu: said(draft.cpu),
    memory: size(draft.memory),
    storage: size(draft.storage),
  };
}

/** The resources that were typed in a form that the API would not read. */
export function wrongLimits(draft: LimitDraft): readonly QuotaResource[] {
  const { cpu, memory, storage } = limitsOf(draft);
  return QUOTA_RESOURCES.filter((resource) => {
    if (resource === 'instances') return !/^\d{0,7}$/.test(draft.instances.trim());
    if (resource === 'cpu') return cpu !== null && cpuMillis(cpu) === null;
    const quantity = resource === 'memory' ? memory : storage;
    return quantity !== null && quantityBytes(quantity) === null;
  });
}

/** Rules as somebody fills them in; a list that is off rules nothing. Versions stand as `type@pattern`. */
export interface RulesDraft {
  types: string[];
  versions: string[];
  models: string[];
  oneProcess: boolean;
  exposure: 'any' | 'members' | 'none';
}

export function rulesDraft(rules: ClawRules): RulesDraft {
  return {
    types: [...(rules.types ?? [])],
    versions: Object.entries(rules.versions ?? {}).flatMap(([type, versions]) => versions.map((version) => `${type}@${version}`)),
    models: [...(rules.models ?? [])],
    oneProcess: rules.maxReplicas !== null && rules.maxReplicas !== undefined,
    exposure: rules.exposure ?? 'any',
  };
}

/** The rules that were filled in; `before` keeps the number of replicas that somebody set elsewhere. */
export function rulesOf(draft: RulesDraft, before: ClawRules): ClawRules {
  const versions: Record<string, string[]> = {};
  for (const entry of draft.versions) {
    const at = entry.indexOf('@');
    const type = entry.slice(0, at);
    versions[type] = [...(versions[type] ?? []), entry.slice(at + 1)];
  }
  return {
    types: draft.types.length === 0 ? null : draft.types,
    versions: draft.versions.length === 0 ? null : versions,
    models: draft.models.length === 0 ? null : draft.models,
    maxReplicas: draft.oneProcess ? (before.maxReplicas ?? 1) : null,
    exposure: draft.exposure === 'any' ? null : draft.exposure,
  };
}

/** The entries of `versions` that are not of the form `type@pattern`. */
export function wrongVersions(draft: RulesDraft): readonly string[] {
  return draft.versions.filter((entry) => !/^[^@\s]+@[^@\s]+$/.test(entry));
}

/** The rules that say something, each with what it allows. */
export function saidRules(rules: ClawRules): readonly { readonly rule: keyof ClawRules; readonly allowed: readonly string[] }[] {
  const { types, versions, models, maxReplicas, exposure } = rules;
  const said: { rule: keyof ClawRules; allowed: readonly string[] }[] = [];
  if (types) said.push({ rule: 'types', allowed: types });
  if (versions) said.push({ rule: 'versions', allowed: Object.entries(versions).flatMap(([type, list]) => list.map((version) => `${type} ${version}`)) });
  if (models) said.push({ rule: 'models', allowed: models });
  if (maxReplicas !== null && maxReplicas !== undefined) said.push({ rule: 'maxReplicas', allowed: [String(maxReplicas)] });
  if (exposure) said.push({ rule: 'exposure', allowed: [exposure] });
  return said;
}
