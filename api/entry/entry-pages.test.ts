import { describe, expect, test } from 'vitest';
import { Phase } from '../../workflows/contracts/instance.ts';
import { ownPath } from './enter.ts';
import { pageOfPhase, renderEntryPage } from './entry-pages.ts';
import { ENTRY_TEXTS, EntryPage } from './entry-texts.ts';
import { LANGUAGES, preferredLanguage } from './language.ts';
import { isBelow, isFromElsewhere } from './same-page.ts';

const wish = { page: EntryPage.stopped, language: 'ja', href: 'https://portal.example.com/x?a=1&b="<', requestId: 'r', html: true } as const;

describe('what the entry shows in place of a claw', () => {
  test('is a page in the language of the person, which runs no script and loads nothing', () => {
    const { status, headers, body } = renderEntryPage(wish);
    expect(status).toBe(503);
    expect(headers['Content-Language']).toBe('ja');
    expect(headers['Content-Security-Policy']).toContain("default-src 'none'");
    expect(body).toContain(ENTRY_TEXTS.ja.stopped.title);
    expect(body).toContain('href="https://portal.example.com/x?a=1&#38;b=&#34;&#60;"');
    expect(body).not.toContain('<script');
  });

  test('is a problem document for whoever shows no pages', () => {
    const { status, headers, body } = renderEntryPage({ ...wish, page: EntryPage.signIn, html: false });
    expect(status).toBe(401);
    expect(headers['Content-Type']).toBe('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ code: 'UNAUTHENTICATED', requestId: 'r' });
  });

  test('looks again by itself only where something can change', () => {
    const again = Object.values(EntryPage).filter((page) => renderEntryPage({ ...wish, page }).headers['Retry-After'] !== undefined);
    expect(again).toEqual(['coming', 'stopped', 'failed', 'older', 'unreachable']);
  });

  test('is told in every language', () => {
    for (const language of LANGUAGES)
      for (const page of Object.values(EntryPage)) expect(ENTRY_TEXTS[language][page].what.length, `${language} ${page}`).toBeGreaterThan(5);
  });

  test('stands for every phase but one', () => {
    expect(Object.values(Phase).filter((phase) => pageOfPhase(phase) === null)).toEqual([Phase.running]);
  });
});

test.each([
  ['/chat?session=main', '/chat?session=main'],
  [null, '/'],
  ['//evil.example.com', '/'],
  ['/\\evil.example.com', '/'],
  ['https://evil.example.com', '/'],
  ['/a\r\nSet-Cookie: x', '/'],
  ['/.clawloops/enter', '/'],
])('after the exchange %j leads to %s', (wanted, path) => {
  expect(ownPath(wanted)).toBe(path);
});

test.each([
  ['ja,en;q=0.8', 'ja'],
  ['fr, zh-CN;q=0.9, en;q=0.5', 'zh'],
  ['en;q=0.2, ja;q=0.7', 'ja'],
  ['ja;q=0, fr', 'en'],
  [undefined, 'en'],
])('a browser that asks for %j reads %s', (header, language) => {
  expect(preferredLanguage(header)).toBe(language);
});

describe('requests that other pages make a browser send', () => {
  const own = 'https://bot.claws.example.com';
  const sent = (headers: Record<string, string>, method = 'GET') => isFromElsewhere({ method, headers }, own);

  test.each([
    [{ origin: 'https://other.claws.example.com' }],
    [{ origin: 'https://portal.example.com' }],
    [{ origin: 'null' }],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
  ])('%j does not get in', (headers) => {
    expect(sent(headers)).toBe(true);
  });

  test('its own ones do, and so does a link', () => {
    expect(sent({ origin: own }, 'POST')).toBe(false);
    expect(sent({ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'no-cors' })).toBe(false);
    expect(sent({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).toBe(false);
    expect(sent({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, 'POST')).toBe(true);
    expect(sent({})).toBe(false);
  });
});

test.each([
  '/api/v1/admin',
  '/api/v1/admin/rpc',
  '//api/v1/admin/rpc',
  '/api//v1/ADMIN/rpc?x=1',
  '/api/v1/%61dmin/rpc',
  '/x/../api/v1/admin/rpc',
  '/x/%2e%2e/api/v1/admin',
  '/%',
])('what is closed stays closed when it is written %s', (url) => {
  expect(isBelow(url, ['/api/v1/admin'])).toBe(true);
});

test.each(['/', '/api/v1/administer', '/chat?next=/api/v1/admin'])('what is not closed is open: %s', (url) => {
  expect(isBelow(url, ['/api/v1/admin'])).toBe(false);
  expect(isBelow('/%', [])).toBe(false);
});
