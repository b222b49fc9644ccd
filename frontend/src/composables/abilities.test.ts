import { describe, expect, it } from 'vitest';
import { isAllowed } from './abilities.ts';

describe('what a person may do', () => {
  const rules = [
    { action: ['read', 'operate'], subject: ['Instance'] },
    { action: ['read'], subject: ['provider'] },
  ];
  it('is what a rule names', () => expect(isAllowed(rules, 'operate', 'instance')).toBe(true));
  it('is not what a rule names for something else', () => expect(isAllowed(rules, 'operate', 'provider')).toBe(false));
  it('is nothing without rules', () => expect(isAllowed([], 'read', 'instance')).toBe(false));
});
