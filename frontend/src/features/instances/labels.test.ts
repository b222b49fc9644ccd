import { describe, expect, it } from 'vitest';
import { isSelector, labelParts, parseLabels } from './labels.ts';

describe('labels as people type them', () => {
  it('reads pairs divided by commas or lines', () => {
    expect(parseLabels('env=prod, team=sales\nowner=ada')).toEqual({ labels: { env: 'prod', team: 'sales', owner: 'ada' }, problems: [] });
  });

  it('allows an empty value and a prefixed key', () => {
    expect(parseLabels(['clusterclaw.io/project=alpha', 'spot=']).labels).toEqual({ 'clusterclaw.io/project': 'alpha', spot: '' });
  });

  it('names what is wrong and keeps the rest', () => {
    const parsed = parseLabels('env=prod,oops,-x=1,a=b c,env=dev');
    expect(parsed.labels).toEqual({ env: 'prod' });
    expect(parsed.problems).toEqual([
      { kind: 'no-value', text: 'oops' },
      { kind: 'bad-key', text: '-x' },
      { kind: 'bad-value', text: 'b c' },
      { kind: 'twice', text: 'env' },
    ]);
  });

  it('refuses keys that are too long and more than 32 labels', () => {
    expect(parseLabels(`${'a'.repeat(64)}=1`).problems[0]?.kind).toBe('bad-key');
    const many = Array.from({ length: 33 }, (_, index) => `k${index}=v`);
    expect(parseLabels(many).problems).toEqual([{ kind: 'too-many', text: '32' }]);
  });

  it('does not stumble over names of object properties', () => {
    expect(parseLabels('constructor=1').labels).toEqual({ constructor: '1' });
  });

  it('writes labels sorted by key', () => {
    expect(labelParts({ team: 'x', env: 'prod' })).toEqual(['env=prod', 'team=x']);
  });
});

describe('label selectors', () => {
  it.each(['env=prod', 'env=prod,team!=x', 'spot'])('takes %s', (text) => expect(isSelector(text)).toBe(true));
  it.each(['', '=x', 'env=prod,', 'env==x y'])('refuses "%s"', (text) => expect(isSelector(text)).toBe(false));
});
