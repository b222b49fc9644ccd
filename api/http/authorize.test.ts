import { describe, expect, it } from 'vitest';
import { POLICIES } from '../policies.ts';
import { Role, Scope } from './account.schema.ts';
import { Action, abilityOf } from './authorize.ts';
import { isSameOrigin, portalOrigins } from './origins.ts';

const both = Object.values(Scope);
const may = (role: Role, action: Action, subject: string, scopes: readonly Scope[] = both) => abilityOf({ role, scopes }, POLICIES).can(action, subject);

describe('rights', () => {
  it('are denied for what no policy names', () => {
    for (const role of Object.values(Role)) expect(may(role, Action.read, 'Nonsense')).toBe(false);
  });

  const NOT_FOR_VIEWERS = ['AccountEvent', 'SupportBundle'];
  const OF_A_VIEW: readonly Action[] = [Action.create, Action.update, Action.remove];

  it('let viewers look and keep keys and views of their own, and nothing of who signs in or of the machines', () => {
    for (const { subject } of POLICIES) {
      expect(may(Role.viewer, Action.read, subject), subject).toBe(!NOT_FOR_VIEWERS.includes(subject));
      for (const action of Object.values(Action).filter((one) => one !== Action.read)) {
        const own = subject === 'SavedView' ? OF_A_VIEW.includes(action) : subject === 'ApiKey' && (action === Action.create || action === Action.remove);
        expect(may(Role.viewer, action, subject), `${action} ${subject}`).toBe(own);
      }
    }
  });

  it('let operators run instances but not say what may run on hosts', () => {
    for (const action of Object.values(Action)) expect(may(Role.operator, action, 'Instance')).toBe(true);
    expect(may(Role.operator, Action.create, 'ClawType')).toBe(false);
    expect(may(Role.operator, Action.create, 'provider')).toBe(false);
  });

  it('of a key that may only read are the reading ones of its owner', () => {
    expect(may(Role.owner, Action.read, 'Instance', [Scope.read])).toBe(true);
    for (const action of Object.values(Action).filter((one) => one !== Action.read))
      expect(may(Role.owner, action, 'Instance', [Scope.read]), action).toBe(false);
  });
});

describe('the origin of a request', () => {
  const from = (headers: Record<string, string>) => isSameOrigin({ headers } as never, portalOrigins('https://claws.example.com/portal'));

  it('is the portal only when it is exactly that', () => {
    expect(from({ origin: 'https://claws.example.com' })).toBe(true);
    for (const origin of [
      'http://claws.example.com',
      'https://claws.example.com:8443',
      'https://evil.example',
      'https://claws.example.com.evil.example',
      'null',
      '',
    ]) {
      expect(from({ origin }), origin).toBe(false);
    }
    expect(from({})).toBe(false);
    expect(from({ 'sec-fetch-site': 'same-site' })).toBe(false);
  });

  it('may be any spelling of loopback when the portal is on loopback', () => {
    expect(portalOrigins('http://localhost:4310')).toEqual(['http://127.0.0.1:4310', 'http://localhost:4310', 'http://[::1]:4310']);
    expect(portalOrigins('https://claws.example.com')).toEqual(['https://claws.example.com']);
  });
});
