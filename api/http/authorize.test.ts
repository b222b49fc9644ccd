import { describe, expect, it } from 'vitest';
import { instancePolicy } from '../instances/instance.policy.ts';
import { POLICIES } from '../policies.ts';
import { Role, Scope } from './account.schema.ts';
import { Action, abilityOf, authorize, authorizeItem, type Caller } from './authorize.ts';
import { isSameOrigin, portalOrigins } from './origins.ts';
import type { Actor } from './request-context.ts';

const both = Object.values(Scope);
const may = (role: Role, action: Action, subject: string, scopes: readonly Scope[] = both) => abilityOf({ role, scopes }, POLICIES).can(action, subject);

describe('rights', () => {
  it('are denied for what no policy names', () => {
    for (const role of Object.values(Role)) expect(may(role, Action.read, 'Nonsense')).toBe(false);
  });

  /** What belongs to the person, not to the tenant. */
  const OWN = ['Account', 'ApiKey', 'Device', 'SavedView', 'Membership', 'MyClaw', 'Notification'];

  it('let viewers and members change nothing but what is their own, and members see nothing else either', () => {
    for (const { subject } of POLICIES.filter((policy) => !OWN.includes(policy.subject))) {
      for (const action of Object.values(Action).filter((one) => one !== Action.read)) {
        expect([may(Role.viewer, action, subject), may(Role.member, action, subject)], `${action} ${subject}`).toEqual([false, false]);
      }
      expect(may(Role.member, Action.read, subject), subject).toBe(['Me', 'Tenant'].includes(subject));
    }
  });

  it('let operators run instances but not say what may run on hosts', () => {
    for (const action of Object.values(Action)) expect(may(Role.operator, action, 'Instance')).toBe(true);
    expect(may(Role.operator, Action.create, 'ClawType')).toBe(false);
    expect(may(Role.operator, Action.create, 'Provider')).toBe(false);
  });

  it('of a key that may only read are the reading ones of its owner', () => {
    expect(may(Role.owner, Action.read, 'Instance', [Scope.read])).toBe(true);
    for (const action of Object.values(Action).filter((one) => one !== Action.read))
      expect(may(Role.owner, action, 'Instance', [Scope.read]), action).toBe(false);
  });
});

describe('rights on one’s own account', () => {
  const elsewhere: readonly Partial<Actor>[] = [{ tenantState: 'suspended' }, { visiting: true, platformRole: 'auditor', role: 'viewer' }];

  it.each(elsewhere)('hold where nothing else may be changed: %o', (where) => {
    const caller: Caller = { role: 'owner', scopes: both, ...where };
    const ability = abilityOf(caller, POLICIES);
    for (const action of [Action.read, Action.create, Action.update, Action.remove]) expect(ability.can(action, 'Account'), action).toBe(true);
    for (const subject of ['Instance', 'ApiKey', 'Member']) expect(ability.can(Action.remove, subject), subject).toBe(false);
    expect(abilityOf({ ...caller, scopes: [Scope.read] }, POLICIES).can(Action.remove, 'Account')).toBe(false);
  });
});

describe('rights in single projects', () => {
  const somebody = (caller: Partial<Actor>) =>
    ({ userId: 'usr_me', role: 'member', grants: [], platformRole: null, tenantState: 'active', scopes: both, ...caller }) as Actor;
  const operate = { action: Action.operate, policy: instancePolicy } as const;
  const read = { action: Action.read, policy: instancePolicy } as const;
  const mine = { projectId: 'prj_b', ownerId: 'usr_me' };
  const theirs = { projectId: 'prj_b', ownerId: null };

  it('come from a grant, for that project only', () => {
    const operator = somebody({ grants: [{ projectId: 'prj_a', role: 'operator' }] });
    expect(authorize(operator, operate)).toBe(false);
    expect(() => authorizeItem(operator, operate, { projectId: 'prj_a', ownerId: null })).not.toThrow();
    expect(() => authorizeItem(operator, operate, theirs)).toThrow('may not operate Instance');
  });

  it('are the stronger of role and grant', () => {
    const operator = somebody({ role: 'operator', grants: [{ projectId: 'prj_b', role: 'viewer' }] });
    expect(authorize(operator, operate)).toBe(true);
    expect(() => authorizeItem(operator, operate, theirs)).not.toThrow();
    const viewer = somebody({ role: 'viewer', grants: [{ projectId: 'prj_b', role: 'operator' }] });
    expect([authorize(viewer, read), authorize(viewer, operate)]).toEqual([true, false]);
    expect(() => authorizeItem(viewer, operate, theirs)).not.toThrow();
    expect(() => authorizeItem(viewer, operate, { projectId: 'prj_a', ownerId: null })).toThrow('may not operate Instance');
  });

  it('let everybody run what is their own, and nothing that is not', () => {
    for (const role of Object.values(Role)) expect(() => authorizeItem(somebody({ role }), operate, mine), role).not.toThrow();
    expect(() => authorizeItem(somebody({}), operate, { ...mine, ownerId: 'usr_you' })).toThrow('may not operate Instance');
    expect(() => authorizeItem(somebody({}), read, theirs)).toThrow('may not read Instance');
  });

  it('are cut down to the scopes of a key, and to reading in a suspended tenant', () => {
    const grants = [{ projectId: 'prj_a', role: 'operator' }] as const;
    expect(() => authorize(somebody({ grants, scopes: [Scope.read] }), operate)).toThrow('This API key may only read.');
    expect(() => authorize(somebody({ role: 'owner', tenantState: 'suspended' }), operate)).toThrow('suspended');
    expect(() => authorize(somebody({ role: 'owner', tenantState: 'suspended' }), read)).not.toThrow();
    expect(() => authorizeItem(somebody({ tenantState: 'suspended' }), operate, mine)).toThrow('suspended');
  });

  it('of the platform hold whatever the state of the tenant, and do not open what is in it', () => {
    const policy = { subject: 'Tenant', roles: {}, platform: { admin: [Action.read, Action.create] } } as const;
    const may = (caller: Partial<Caller>, action: Action) => abilityOf({ role: 'member', scopes: both, ...caller }, [policy]).can(action, 'Tenant');
    expect(may({ platformRole: 'admin', tenantState: 'suspended' }, Action.create)).toBe(true);
    expect(may({ platformRole: 'admin', scopes: [Scope.read] }, Action.create)).toBe(false);
    expect([may({ platformRole: 'auditor' }, Action.read), may({ platformRole: null }, Action.read)]).toEqual([false, false]);
    expect(() => authorize(somebody({ platformRole: 'admin' }), { action: Action.create, policy: instancePolicy })).toThrow('may not create Instance');
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
