import { expect, test } from 'vitest';
import { domainOf } from './domain-of.ts';

test.each([
  ['ada@example.com', 'example.com'],
  [' Ada@Mail.Example.COM ', 'mail.example.com'],
  ['ada', ''],
  ['ada@', ''],
  ['ada@example', ''],
  ['ada@example.c', ''],
  ['ada@exa mple.com', ''],
  ['a@b@example.com', ''],
])('of %j the domain is %j', (address, domain) => {
  expect(domainOf(address)).toBe(domain);
});
