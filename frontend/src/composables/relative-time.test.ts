import { describe, expect, it } from 'vitest';
import { formatDuration, relativeTime } from './relative-time.ts';

const now = Date.parse('2026-03-10T12:00:00Z');

describe('relative times', () => {
  it('says now for what just happened', () => expect(relativeTime(now - 2_000, now, 'en')).toBe('now'));
  it('counts seconds, minutes, hours and days', () => {
    expect(relativeTime(now - 30_000, now, 'en')).toBe('30 sec. ago');
    expect(relativeTime(now - 4 * 60_000, now, 'en')).toBe('4 min. ago');
    expect(relativeTime(now - 3 * 3_600_000, now, 'en')).toBe('3 hr. ago');
    expect(relativeTime(now - 86_400_000, now, 'en')).toBe('yesterday');
  });
  it('looks ahead', () => expect(relativeTime(now + 120_000, now, 'en')).toBe('in 2 min.'));
  it('writes a date for what is long past', () => expect(relativeTime(now - 90 * 86_400_000, now, 'en')).toBe('Dec 10, 2025'));
  it('speaks the language asked for', () => expect(relativeTime(now - 4 * 60_000, now, 'zh')).toBe('4分钟前'));
});

describe('durations', () => {
  it.each([
    [850, '850ms'],
    [12_400, '12s'],
    [245_000, '4m 5s'],
    [240_000, '4m'],
    [7_800_000, '2h 10m'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms, 'en')).toBe(text);
  });
});
