import { describe, expect, test } from 'vitest';
import { cookieNamed, fromClaw, type Introduction, keyedUserHeader, towardsClaw } from './headers.ts';

const ABOUT: Introduction = {
  userId: 'usr_a',
  tenantId: 'ten_a',
  instanceId: 'ins_a',
  host: 'bot.localhost:4310',
  secure: false,
  ip: '127.0.0.1',
  entryKey: 'Key_Of-Both',
  origin: 'https://entry.internal',
  headers: { 'x-openclaw-scopes': 'operator.read' },
};
const plain = (headers: Record<string, string>, about: Partial<Introduction> = {}) => towardsClaw(headers, { ...ABOUT, ...about }, { upgrade: false });

describe('headers on the way to a claw', () => {
  test.each([
    'x-forwarded-for',
    'x-forwarded-anything',
    'forwarded',
    'x-real-ip',
    'x-tenant',
    'authorization',
    'x-original-url',
    'x_real_ip',
    'x_clawloops_secret',
    'expect',
  ])('%s of the client does not pass', (name) => {
    expect(Object.values(plain({ [name]: 'forged' }))).not.toContain('forged');
  });

  test('who the person is says the entry alone, under a known name and one that only the claw knows', () => {
    const sent = plain({ 'x-clawloops-user': 'forged', [keyedUserHeader('Key_Of-Both')]: 'forged', 'x-openclaw-scopes': 'operator.admin', host: 'portal' });
    expect(sent).toMatchObject({
      'x-clawloops-user': 'usr_a',
      'x-clawloops-tenant': 'ten_a',
      'x-clawloops-instance': 'ins_a',
      'x-clawloops-user-key_of-both': 'usr_a',
      'x-openclaw-scopes': 'operator.read',
      'x-forwarded-host': 'bot.localhost:4310',
      'x-forwarded-proto': 'http',
      host: 'bot.localhost:4310',
    });
    expect(Object.keys(plain({}, { entryKey: null })).filter((name) => name.startsWith('x-clawloops-user'))).toEqual(['x-clawloops-user']);
  });

  test('cookies of the portal and of the entry stay here, those of the claw pass', () => {
    const cookie = 'clawloops.session_token=s; a=1; __Secure-clawloops.session_token=s; __Host-clawloops-entry=e; clawloops-entry=e; clawloopsish=2';
    expect(plain({ cookie }).cookie).toBe('a=1; clawloopsish=2');
    expect(plain({ cookie: 'clawloops-entry=e' })).not.toHaveProperty('cookie');
  });

  test('somebody at this very machine is told of by an address from elsewhere, others by their own', () => {
    expect(plain({})['x-forwarded-for']).toBe('203.0.113.1');
    expect(plain({}, { ip: '::ffff:127.0.0.1' })['x-forwarded-for']).toBe('203.0.113.1');
    expect(plain({}, { ip: '::ffff:198.51.100.7' })['x-forwarded-for']).toBe('198.51.100.7');
  });

  test('what belongs to one connection ends with it', () => {
    expect(plain({ connection: 'keep-alive, x-secret-hop', 'x-secret-hop': '1', te: 'trailers', upgrade: 'h2c' })).toMatchObject({ connection: 'close' });
    const names = Object.keys(plain({ connection: 'x-secret-hop', 'x-secret-hop': '1', te: 'trailers', upgrade: 'h2c' }));
    for (const name of ['x-secret-hop', 'te', 'upgrade']) expect(names).not.toContain(name);
    expect(towardsClaw({ connection: 'Upgrade', upgrade: 'websocket' }, ABOUT, { upgrade: true })).toMatchObject({
      connection: 'Upgrade',
      upgrade: 'websocket',
    });
  });

  test('the origin is the one that the claw knows, when there is one at all', () => {
    expect(plain({ origin: 'http://bot.localhost:4310' }).origin).toBe('https://entry.internal');
    expect(plain({ origin: 'http://bot.localhost:4310' }, { origin: null }).origin).toBe('http://bot.localhost:4310');
    expect(plain({})).not.toHaveProperty('origin');
  });
});

describe('headers of the answer of a claw', () => {
  const answer = (headers: Parameters<typeof fromClaw>[0], secure = false) => fromClaw(headers, { secure, upgrade: false });

  test('its cookies stay with its own host and take no name of ours', () => {
    const cookies = [
      'a=1; Path=/; Domain=example.com; HttpOnly',
      'b=2;domain=.example.com',
      'clawloops.session_token=x; Path=/',
      '__Host-clawloops-entry=x',
      'c=Domain',
    ];
    expect(answer({ 'set-cookie': cookies })['set-cookie']).toEqual(['a=1; Path=/; HttpOnly', 'b=2', 'c=Domain']);
  });

  test('it opens itself to no other origin, and is framed by none', () => {
    const sent = answer({ 'access-control-allow-origin': '*', 'clear-site-data': '"cookies"', 'content-security-policy': "default-src 'self'", etag: 'x' });
    expect(sent).toMatchObject({ etag: 'x', 'content-security-policy': "default-src 'self', frame-ancestors 'self'" });
    expect(sent).not.toHaveProperty('access-control-allow-origin');
    expect(sent).not.toHaveProperty('clear-site-data');
  });

  test('on https the browser is told to stay there', () => {
    expect(answer({}, true)).toMatchObject({ 'strict-transport-security': 'max-age=31536000', 'cross-origin-opener-policy': 'same-origin' });
    expect(answer({})).not.toHaveProperty('strict-transport-security');
  });
});

test('a cookie is found by its whole name', () => {
  expect(cookieNamed('xa=1; a=2=3; a=4', 'a')).toBe('2=3');
  expect(cookieNamed(undefined, 'a')).toBeNull();
});
