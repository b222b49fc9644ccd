import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClawPolicy, type ClawRules, matchesPattern, NO_RULES, newViolations, type PolicySubject, violations } from './claw-policy.ts';

const tenant = (rules: Partial<ClawRules>): ClawPolicy => ({ scope: { kind: 'tenant', id: 'ten_1', name: 'Acme' }, rules: { ...NO_RULES, ...rules } });
const project = (rules: Partial<ClawRules>): ClawPolicy => ({ scope: { kind: 'project', id: 'prj_1', name: 'Sales' }, rules: { ...NO_RULES, ...rules } });
const claw: PolicySubject = { type: 'openclaw', version: '2026.9.6', models: ['demo', 'acme/gpt-5'], replicas: 1 };

describe('violations', () => {
  it.each<[string, Partial<ClawRules>, string[]]>([
    ['nothing ruled', {}, []],
    ['a type that is named', { types: ['openclaw'] }, []],
    ['a type that is not named', { types: ['echo'] }, ['types openclaw']],
    ['no type at all', { types: [] }, ['types openclaw']],
    ['versions of another type', { versions: { echo: ['1.*'] } }, []],
    ['a version that a pattern stands for', { versions: { openclaw: ['2026.9.*'] } }, []],
    ['a version that no pattern stands for', { versions: { openclaw: ['2026.8.*'] } }, ['versions 2026.9.6']],
    ['one of two models', { models: ['demo'] }, ['models acme/gpt-5']],
    ['all models of a provider', { models: ['acme/*', 'demo'] }, []],
    ['as many replicas as may be', { maxReplicas: 1 }, []],
    ['a page of its own that nobody opens', { exposure: 'none' }, []],
  ])('of %s', (_title, rules, expected) => {
    expect(violations([tenant(rules)], claw).map(({ rule, value }) => `${rule} ${value}`)).toEqual(expected);
  });

  it('name the rule, who set it and what it allows', () => {
    const [violation] = violations([tenant({}), project({ models: ['demo', 'local/*'] })], claw);
    expect(violation).toMatchObject({ rule: 'models', scope: { kind: 'project', name: 'Sales' }, value: 'acme/gpt-5' });
    expect(violation?.message).toBe('The model acme/gpt-5 is not allowed by the rule "models" of the project Sales; allowed: demo, local/*.');
  });

  it('are found at both levels, the tenant first', () => {
    const found = violations([tenant({ types: ['echo'] }), project({ types: ['echo'] })], claw);
    expect(found.map(({ scope }) => scope.kind)).toEqual(['tenant', 'project']);
  });

  it('count replicas and the opening of a page', () => {
    expect(violations([tenant({ maxReplicas: 1 })], { replicas: 3 })).toMatchObject([{ rule: 'maxReplicas', value: '3' }]);
    expect(violations([tenant({ exposure: 'none' })], { exposed: true })).toMatchObject([{ rule: 'exposure' }]);
    expect(violations([tenant({ exposure: 'members' })], { exposed: true })).toEqual([]);
  });

  it('that a change leaves alone are not new, those it brings are', () => {
    const policies = [tenant({ versions: { openclaw: ['2026.10.*'] }, models: ['demo'] })];
    const before = { ...claw, models: ['demo'] };
    expect(newViolations(policies, before, before)).toEqual([]);
    expect(newViolations(policies, before, claw)).toMatchObject([{ rule: 'models', value: 'acme/gpt-5' }]);
    expect(newViolations(policies, before, { ...before, version: '2026.9.7' })).toMatchObject([{ rule: 'versions', value: '2026.9.7' }]);
  });
});

describe('a pattern', () => {
  it('matches what a regular expression of the same meaning matches', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*'), maxLength: 12 });
    fc.assert(
      fc.property(letters, letters, (pattern, name) => {
        const source = pattern
          .split('*')
          .map((part) => part.replaceAll('.', '\\.'))
          .join('.*');
        expect(matchesPattern(pattern, name)).toBe(new RegExp(`^${source}$`, 's').test(name));
      }),
    );
  });
});
