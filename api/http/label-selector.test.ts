import { expect, it } from 'vitest';
import { parseLabelSelector, selectLabels } from './label-selector.ts';
import { Conditions } from './sql.ts';

it('reads equality, difference, existence and absence', () => {
  expect(parseLabelSelector('env=prod, team!=x,owner,!legacy,tier==gold')).toEqual([
    { key: 'env', operator: 'equals', value: 'prod' },
    { key: 'team', operator: 'differs', value: 'x' },
    { key: 'owner', operator: 'exists', value: '' },
    { key: 'legacy', operator: 'absent', value: '' },
    { key: 'tier', operator: 'equals', value: 'gold' },
  ]);
  expect(parseLabelSelector(undefined)).toEqual([]);
  expect(parseLabelSelector(' ')).toEqual([]);
});

it('refuses what is no selector, naming the parameter', () => {
  for (const wrong of ['=x', 'a=b=c', 'a b', "a='x'", 'a,,b', 'a=\u0007', '!', Array(21).fill('a').join(',')]) {
    expect(() => parseLabelSelector(wrong), wrong).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED', details: { errors: [expect.objectContaining({ path: '/query/labels' })] } }),
    );
  }
});

it('never puts a name or value into the SQL text', () => {
  const conditions = new Conditions();
  selectLabels(conditions, 'i.id', parseLabelSelector('secretkey=secretvalue,!other'));
  expect(conditions.where).not.toMatch(/secret|other/);
  expect(conditions.values).toEqual(['secretvalue', 'secretkey', 'other']);
});
