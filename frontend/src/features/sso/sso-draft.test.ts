import { expect, test } from 'vitest';
import type { SsoConnection } from '../../api/sso.ts';
import { draftOf, isComplete, isTriable, NOBODY, settingsOf } from './sso-draft.ts';

const connection: SsoConnection = {
  ...{ name: 'Acme', issuer: 'https://id.acme.example', clientId: 'c', clientSecret: { present: true }, scopes: ['openid'], domains: ['acme.example'] },
  ...{ groupsClaim: 'groups', groupRoles: [{ group: 'it', role: 'admin' as const }], defaultRole: null, enabled: true, enforced: false },
  ...{ lastSignInAt: null, lastFailure: null, updatedAt: '2026-01-01T00:00:00.000Z' },
};

test('a connection that is opened and saved again stays as it is, and its secret is not sent', () => {
  const { clientSecret: _, lastSignInAt: _at, lastFailure: _failure, updatedAt: _updated, ...settings } = connection;
  expect(settingsOf(draftOf(connection))).toEqual(settings);
  expect(draftOf(connection)).toMatchObject({ defaultRole: NOBODY, clientSecret: '' });
});

test('what people type is made tidy: domains with an @ or in capitals, rows without a group', () => {
  const draft = { ...draftOf(connection), clientSecret: 's', domains: ['@ACME.example', 'acme.example'], groupsClaim: ' ' };
  draft.groupRoles.push({ group: ' ', role: 'viewer' });
  expect(settingsOf(draft)).toMatchObject({ clientSecret: 's', domains: ['acme.example'], groupsClaim: null, groupRoles: [{ group: 'it', role: 'admin' }] });
});

test('it can be tried before it can be kept', () => {
  const empty = draftOf(null);
  expect([isTriable(empty), isComplete(empty)]).toEqual([false, false]);
  const started = { ...empty, issuer: 'https://id.acme.example', clientId: 'c' };
  expect([isTriable(started), isComplete(started)]).toEqual([true, false]);
  expect(isComplete({ ...started, name: 'Acme', domains: ['acme.example'] })).toBe(true);
  expect(isTriable({ ...started, issuer: 'id.acme.example' })).toBe(false);
});
