import { describe, expect, it } from 'vitest';
import { safeNext } from './safe-next.ts';

describe('where sign-in leads', () => {
  it('is the page that was asked for', () => expect(safeNext('/instances/ins_a/chat?x=1')).toBe('/instances/ins_a/chat?x=1'));
  it.each([
    ...[undefined, ['/a'], 'https://example.org', '//example.org', '/\\example.org', '/sign-in?next=/', 'javascript:alert(1)'],
    ...['/\t/example.org', '/\n/example.org', '/\r\n/example.org', '/ /example.org', '/\0/example.org', '/a\\b'],
  ])('is home for %j', (next) => {
    expect(safeNext(next)).toBe('/');
  });
});
