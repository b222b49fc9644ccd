import { describe, expect, it } from 'vitest';
import { instanceQuery, isFiltered, nextSort, sortOf } from './instance-list-filter.ts';

describe('the instance list in the URL', () => {
  it('asks for every phase that is under way when "changing" is chosen', () => {
    expect(instanceQuery({ phase: 'changing' }).phase).toBe('Creating,Starting,Stopping,Updating,Destroying');
  });

  it('drops phases and orders nobody knows', () => {
    expect(instanceQuery({ phase: 'Dancing', sort: 'mood' })).toMatchObject({ phase: undefined, sort: '-createdAt' });
    expect(instanceQuery({ phase: 'Running,Dancing' }).phase).toBe('Running');
  });

  it('waits for a label selector to be complete', () => {
    expect(instanceQuery({ labels: 'env=' }).labels).toBe('env=');
    expect(instanceQuery({ labels: 'env=prod,' }).labels).toBeUndefined();
  });

  it('turns the order of a column round when it is pressed again', () => {
    expect(nextSort('-createdAt', 'name')).toBe('name');
    expect(nextSort('name', 'name')).toBe('-name');
    expect(nextSort('-name', 'name')).toBe('name');
    expect(nextSort('name', 'createdAt')).toBe('-createdAt');
    expect(nextSort('-createdAt', 'createdAt')).toBe('createdAt');
  });

  it('counts filters but not the order', () => {
    expect(isFiltered({ sort: 'name' })).toBe(false);
    expect(isFiltered({ q: 'a' })).toBe(true);
    expect(sortOf(undefined)).toBe('-createdAt');
  });
});
