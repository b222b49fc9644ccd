import { describe, expect, it } from 'vitest';
import { asInstanceName, createBody, emptyDraft, errorsByField, isInstanceName } from './draft.ts';

describe('the request of a form', () => {
  it('leaves everything that was not chosen to the defaults', () => {
    expect(createBody({ ...emptyDraft('openclaw'), name: ' sales-bot ' })).toEqual({
      name: 'sales-bot',
      type: 'openclaw',
      version: undefined,
      labels: {},
      resources: undefined,
      config: undefined,
      placement: undefined,
    });
  });

  it('carries what was chosen', () => {
    const draft = emptyDraft('openclaw');
    draft.name = 'a';
    draft.labels = ['env=prod'];
    draft.resources.memory = '2Gi';
    draft.settings = { 'model.name': 'demo', 'agent.thinking': undefined };
    draft.hostId = 'hst_a';
    expect(createBody(draft)).toMatchObject({
      labels: { env: 'prod' },
      resources: { memory: '2Gi' },
      config: { overrides: [{ key: 'model.name', value: 'demo' }] },
      placement: { hostId: 'hst_a' },
    });
  });
});

describe('names', () => {
  it('are made of what was typed', () => expect(asInstanceName('Sales Bot_2!')).toBe('sales-bot-2'));
  it.each(['a', 'sales-bot', 'x1'])('may be %s', (name) => expect(isInstanceName(name)).toBe(true));
  it.each(['', '-a', 'a-', 'Ä', 'a'.repeat(41)])('may not be "%s"', (name) => expect(isInstanceName(name)).toBe(false));
});

describe('errors of the API', () => {
  it('find the field they belong to', () => {
    const errors = errorsByField(
      [
        { path: '/name', message: 'taken' },
        { path: '/spec/config/overrides/1/value', message: 'too hot' },
        { path: '/resources/memory', message: 'too much' },
        { path: '/labels/env', message: 'odd' },
        { path: '/specPatch/version', message: 'unknown' },
        { path: '/placement/hostId', message: 'offline' },
      ],
      [
        { key: 'a', value: 1 },
        { key: 'model.temperature', value: 9 },
      ],
    );
    expect(errors).toEqual({
      name: 'taken',
      'settings.model.temperature': 'too hot',
      'resources.memory': 'too much',
      labels: 'odd',
      version: 'unknown',
      hostId: 'offline',
    });
  });

  it('keep the first of several for one field', () => {
    expect(
      errorsByField(
        [
          { path: '/name', message: 'one' },
          { path: '/name', message: 'two' },
        ],
        [],
      ),
    ).toEqual({ name: 'one' });
  });
});
