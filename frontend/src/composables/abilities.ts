/** What may be done with a resource; `operate` is everything that changes how it runs. */
export type Action = 'read' | 'create' | 'update' | 'operate' | 'remove' | 'use';

/** A kind of resource as the policies of the API name it, e.g. `ApiKey`. */
export type Subject = Capitalize<string>;

/** Where a thing belongs, as far as rights hang on it. */
export interface Item {
  readonly projectId: string;
  readonly ownerId: string | null;
}

interface Rule {
  readonly action: readonly string[];
  readonly subject: readonly string[];
  readonly conditions?: Readonly<Record<string, unknown>>;
}

/** Whether one of the caller's rules grants the action: on this thing, or without one on anything at all of the kind. */
export function isAllowed(rules: readonly Rule[], action: Action, subject: Subject, item?: Item): boolean {
  return rules.some((rule) => rule.action.includes(action) && rule.subject.includes(subject) && (!rule.conditions || !item || meets(item, rule.conditions)));
}

/** The two forms that the API sends: a value, and one of several. */
function meets(item: Item, conditions: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(conditions).every(([name, wanted]) => {
    const value = item[name as keyof Item];
    return typeof wanted === 'object' && wanted !== null && '$in' in wanted ? (wanted.$in as unknown[]).includes(value) : value === wanted;
  });
}
