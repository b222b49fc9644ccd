import { describe, expect, it } from 'vitest';
import type { BulkItem } from '../../api/bulk.ts';
import { childProgress, labelAction, partsOf, refusalGroups } from './bulk-view.ts';
import { NO_SELECTION, pageState, targetsOf, toggled, togglePage } from './selection.ts';

const page = [{ id: 'ins_a' }, { id: 'ins_b' }];
const item = (id: string, phase: BulkItem['phase'], code: string | null): BulkItem =>
  ({ id, name: id, phase, operationId: null, refusal: code === null ? null : { code, message: `${code} ${phase}`, nextStep: '' } }) as BulkItem;

describe('a selection', () => {
  it('ticks one, the page, and nothing again', () => {
    const one = toggled(NO_SELECTION, 'ins_a', page);
    expect(pageState(one, page)).toBe('indeterminate');
    const both = togglePage(one, page);
    expect(pageState(both, page)).toBe(true);
    expect(pageState(togglePage(both, page), page)).toBe(false);
  });

  it('keeps what is ticked on another page', () => {
    const other = toggled(NO_SELECTION, 'ins_x', [{ id: 'ins_x' }]);
    expect(targetsOf(togglePage(togglePage(other, page), page), {})).toEqual({ ids: ['ins_x'] });
  });

  it('of everything is asked for by the filter of the list, until one is unticked', () => {
    const everything = { ids: new Set<string>(), everything: true };
    expect(targetsOf(everything, { labels: 'env=prod', phase: 'Running,Failed', sort: 'name', limit: 50 })).toEqual({
      selector: { labels: 'env=prod', phase: ['Running', 'Failed'] },
    });
    expect(targetsOf(toggled(everything, 'ins_a', page), {})).toEqual({ ids: ['ins_b'] });
  });
});

describe('an action on many', () => {
  it('is sent in parts that lose nobody', () => {
    const ids = Array.from({ length: 60 }, (_, index) => `ins_${index}`);
    expect(partsOf(ids).map((part) => part.length)).toEqual([25, 25, 10]);
    expect(partsOf(ids).flat()).toEqual(ids);
    expect(partsOf([])).toEqual([]);
  });

  it('tells refusals by their reason, the commonest first', () => {
    const groups = refusalGroups([
      item('a', 'Stopped', 'ILLEGAL_TRANSITION'),
      item('b', 'Running', null),
      item('c', 'Updating', 'ILLEGAL_TRANSITION'),
      item('d', 'Stopped', 'ILLEGAL_TRANSITION'),
    ]);
    expect(groups.map((group) => group.items.map(({ id }) => id))).toEqual([['a', 'd'], ['c']]);
  });

  it('on labels can be sent once it says what to set or to remove', () => {
    expect(labelAction('env=prod, team=a', ' old ,')).toEqual({ kind: 'label', set: { env: 'prod', team: 'a' }, remove: ['old'] });
    expect(labelAction('', '')).toBeNull();
    expect(labelAction('env', 'old')).toBeNull();
  });

  it('has ended when none of its operations runs', () => {
    expect(childProgress(10, 4, 1)).toEqual({ total: 10, ended: 6, failed: 1 });
    expect(childProgress(10, 12, 0).ended).toBe(0);
  });
});
