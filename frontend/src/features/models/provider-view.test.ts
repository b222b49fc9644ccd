import { describe, expect, it } from 'vitest';
import { ProviderKind, ProviderState } from '../../../../workflows/contracts/model.ts';
import { kindInfo, PROVIDER_TONES } from './provider-view.ts';

describe('providers', () => {
  it('of every kind of the contract can be added', () => {
    for (const kind of Object.values(ProviderKind)) expect(kindInfo(kind).name).not.toBe('');
  });
  it('that run on own machines ask for an address instead of a key', () => {
    expect(kindInfo('ollama')).toMatchObject({ needsKey: false, needsUrl: true });
    expect(kindInfo('openai')).toMatchObject({ needsKey: true, needsUrl: false });
  });
  it('have a colour in every state', () => {
    expect(Object.keys(PROVIDER_TONES).sort()).toEqual(Object.values(ProviderState).sort());
  });
});
