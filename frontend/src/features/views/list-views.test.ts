import { describe, expect, it } from 'vitest';
import type { SavedView } from '../../api/views.ts';
import { currentTab, filterOf, queryOf, viewTabs } from './list-views.ts';

const view = (id: string, query: SavedView['query']): SavedView => ({ id, name: id, list: 'instances', query, createdAt: '', updatedAt: '' });

describe('views of the instance list', () => {
  it('keep filters and order, but neither the place in the list nor what cannot be asked', () => {
    expect(queryOf({ q: 'sales', phase: 'Running,Dancing', labels: 'env=prod,', sort: 'name', cursor: 'abc' })).toEqual({
      q: 'sales',
      phase: ['Running'],
      sort: 'name',
    });
    expect(queryOf({})).toEqual({});
  });

  it('come back from the server as the same URL', () => {
    const filter = { q: 'a', phase: 'changing', type: 'openclaw', labels: 'env=prod', host: 'hst_1', sort: '-name' };
    expect(filterOf(queryOf(filter))).toEqual(filter);
  });

  it('are marked by what the list shows, in whatever order it is asked', () => {
    const tabs = viewTabs([view('viw_1', { labels: 'env=prod', q: 'a' })]);
    expect(currentTab(tabs, {}, undefined)).toMatchObject({ tab: { id: 'all' }, changed: false });
    expect(currentTab(tabs, { phase: 'Failed', cursor: 'abc' }, undefined)).toMatchObject({ tab: { id: 'attention' } });
    expect(currentTab(tabs, { q: 'a', labels: 'env=prod' }, undefined)).toMatchObject({ tab: { id: 'viw_1' }, changed: false });
    expect(currentTab(tabs, { q: 'b' }, undefined)).toEqual({ tab: null, changed: false });
  });

  it('stay chosen while their filters are being changed, so that the change can be saved', () => {
    const tabs = viewTabs([view('viw_1', { labels: 'env=prod' })]);
    expect(currentTab(tabs, { labels: 'env=dev' }, 'viw_1')).toMatchObject({ tab: { id: 'viw_1' }, changed: true });
    expect(currentTab(tabs, { labels: 'env=prod' }, 'viw_1')).toMatchObject({ changed: false });
    expect(currentTab(tabs, {}, 'viw_gone')).toMatchObject({ tab: { id: 'all' } });
  });
});
