/** What may be done with a resource; `operate` is everything that changes how it runs. */
export type Action = 'read' | 'create' | 'update' | 'operate' | 'remove' | 'use';
export type Subject = 'instance' | 'provider' | 'supportbundle' | 'system';

interface Rule {
  readonly action: readonly string[];
  readonly subject: readonly string[];
}

/** Whether one of the caller's rules grants the action; names of subjects are compared without case. */
export function isAllowed(rules: readonly Rule[], action: Action, subject: Subject): boolean {
  return rules.some((rule) => rule.action.includes(action) && rule.subject.some((name) => name.toLowerCase() === subject));
}
