import type { LimitScope } from './quota.ts';

/** Who may open the web page that a claw itself serves: nobody, or whoever may use the claw. */
export const Exposure = { none: 'none', members: 'members' } as const;
export type Exposure = (typeof Exposure)[keyof typeof Exposure];

/**
 * What the claws of a tenant or a project may be. Null rules nothing. In names `*` stands for any characters: `acme/*`, `2026.9.*`.
 * `versions`: by type; a type that is not named may have any version. Both the tenant's and the project's rules hold.
 */
export interface ClawRules {
  readonly types: readonly string[] | null;
  readonly versions: Readonly<Record<string, readonly string[]>> | null;
  readonly models: readonly string[] | null;
  readonly maxReplicas: number | null;
  readonly exposure: Exposure | null;
}
export type ClawRule = keyof ClawRules;

/** A level without rules. */
export const NO_RULES: ClawRules = { types: null, versions: null, models: null, maxReplicas: null, exposure: null };

/** Rules and who set them. */
export interface ClawPolicy {
  readonly scope: { readonly kind: LimitScope; readonly id: string; readonly name: string };
  readonly rules: ClawRules;
}

/** What of a claw the rules are about. `models`: every one its settings name. What is missing is not judged. */
export interface PolicySubject {
  readonly type?: string;
  readonly version?: string;
  readonly models?: readonly string[];
  readonly replicas?: number;
  /** Somebody wants to open its own web page. */
  readonly exposed?: boolean;
}

/** A rule that is not kept. `value`: what broke it. */
export interface Violation {
  readonly rule: ClawRule;
  readonly scope: ClawPolicy['scope'];
  readonly value: string;
  /** A sentence that names the rule, where it was set and what it allows. */
  readonly message: string;
}

/** Every rule that a claw would break, the tenant's first. */
export function violations(policies: readonly ClawPolicy[], subject: PolicySubject): readonly Violation[] {
  return policies.flatMap(({ scope, rules }) => {
    const broken = (rule: ClawRule, value: string, what: string, allowed: string): Violation => {
      return { rule, scope, value, message: `${what} is not allowed by the rule "${rule}" of the ${scope.kind} ${scope.name}; allowed: ${allowed}.` };
    };
    const found: Violation[] = [];
    const { type, version, models = [], replicas, exposed } = subject;
    if (type !== undefined && !matches(rules.types, type)) found.push(broken('types', type, `The type ${type}`, listed(rules.types)));
    const versions = type === undefined ? null : (rules.versions?.[type] ?? null);
    if (version !== undefined && !matches(versions, version)) found.push(broken('versions', version, `${type} ${version}`, listed(versions)));
    for (const model of new Set(models)) {
      if (!matches(rules.models, model)) found.push(broken('models', model, `The model ${model}`, listed(rules.models)));
    }
    if (replicas !== undefined && rules.maxReplicas !== null && replicas > rules.maxReplicas) {
      found.push(broken('maxReplicas', String(replicas), `More than one process of a claw (${replicas})`, `at most ${rules.maxReplicas}`));
    }
    if (exposed && rules.exposure === Exposure.none) found.push(broken('exposure', Exposure.members, 'Opening the web page of a claw', 'nobody'));
    return found;
  });
}

/** Violations that were not there before: what somebody changes must not be refused for what they leave alone. */
export function newViolations(policies: readonly ClawPolicy[], before: PolicySubject, after: PolicySubject): readonly Violation[] {
  const known = new Set(violations(policies, before).map(keyOf));
  return violations(policies, after).filter((violation) => !known.has(keyOf(violation)));
}

function keyOf({ rule, scope, value }: Violation): string {
  return JSON.stringify([rule, scope.id, value]);
}

function matches(allowed: readonly string[] | null, value: string): boolean {
  return allowed === null || allowed.some((pattern) => matchesPattern(pattern, value));
}

function listed(allowed: readonly string[] | null): string {
  return allowed === null || allowed.length === 0 ? 'none' : allowed.join(', ');
}

/** Whether a name is one that a pattern with `*` stands for. Steps back to the last star only, so it takes no longer than both lengths multiplied. */
export function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let index = 0;
  while (index < name.length) {
    if (pattern[at] === '*') {
      star = at;
      at += 1;
      resume = index;
    } else if (pattern[at] === name[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      index = resume;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
