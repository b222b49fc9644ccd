import { describe, expect, it } from 'vitest';
import type { ClawRules } from '../../api/quotas.ts';
import { limitDraft, limitsOf, rulesDraft, rulesOf, saidRules, wrongLimits, wrongVersions } from './quota-view.ts';

describe('limits as they are typed', () => {
  it('are what they were when nothing is changed', () => {
    const limits = { instances: 10, cpu: '500m', memory: '2Gi', storage: null };
    expect(limitsOf(limitDraft(limits))).toEqual(limits);
    expect(limitDraft({})).toEqual({ instances: '', cpu: '', memory: '', storage: '' });
  });

  it('take a number alone for GiB, and nothing for no limit', () => {
    expect(limitsOf({ instances: ' ', cpu: '8', memory: '16', storage: ' 1024 ' })).toEqual({ instances: null, cpu: '8', memory: '16Gi', storage: '1Ti' });
  });

  it('are called wrong one by one', () => {
    expect(wrongLimits({ instances: '1.5', cpu: 'many', memory: '2 GB', storage: '3Gi' })).toEqual(['instances', 'cpu', 'memory']);
    expect(wrongLimits({ instances: '', cpu: '', memory: '', storage: '' })).toEqual([]);
  });
});

describe('rules as they are filled in', () => {
  const rules: ClawRules = { types: ['openclaw'], versions: { openclaw: ['2026.9.*', '2026.10.1'] }, models: null, maxReplicas: 3, exposure: 'none' };

  it('are what they were when nothing is changed', () => {
    expect(rulesOf(rulesDraft(rules), rules)).toEqual(rules);
  });

  it('rule nothing where nothing stands', () => {
    const empty = { types: null, versions: null, models: null, maxReplicas: null, exposure: null };
    expect(rulesOf({ types: [], versions: [], models: [], oneProcess: false, exposure: 'any' }, rules)).toEqual(empty);
    expect(saidRules(empty)).toEqual([]);
  });

  it('name a version together with its type', () => {
    expect(wrongVersions({ ...rulesDraft(rules), versions: ['openclaw@2026.*', '2026.9.6', '@1', 'echo@'] })).toEqual(['2026.9.6', '@1', 'echo@']);
    expect(saidRules(rules).find(({ rule }) => rule === 'versions')?.allowed).toEqual(['openclaw 2026.9.*', 'openclaw 2026.10.1']);
  });
});
