import { describe, expect, it } from 'vitest';
import { codeOfFragment } from './setup-code.ts';

describe('the set-up code in a link', () => {
  it('is read with its name and without', () => {
    expect(codeOfFragment('#code=abc-123')).toBe('abc-123');
    expect(codeOfFragment('#abc-123')).toBe('abc-123');
  });
  it('is nothing when the fragment says something else', () => {
    expect(codeOfFragment('')).toBe('');
    expect(codeOfFragment('#tab=x')).toBe('');
  });
});
