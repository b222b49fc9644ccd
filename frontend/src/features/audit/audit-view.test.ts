import { expect, test } from 'vitest';
import type { AuditEntry } from '../../api/audit.ts';
import { security } from '../../i18n/en/security.ts';
import { AUDIT_AREAS, daysOf, filterOf, phraseOf, SPECIAL, targetRoute, valueText } from './audit-view.ts';

test('an action is a thing and a verb, has words of its own, or is said as it is', () => {
  expect(phraseOf('instance.rotate-key')).toEqual({ kind: 'usual', thing: 'instance', verb: 'rotate-key' });
  expect(phraseOf('system.log-level')).toEqual({ kind: 'special', key: 'system_log_level' });
  expect(phraseOf('something.else')).toEqual({ kind: 'other' });
  expect(phraseOf('invite')).toEqual({ kind: 'other' });
});

test('every thing, verb and action with words has them', () => {
  const { thing, verb, special, area } = security.audit;
  const usual = Object.keys(thing).flatMap((name) => Object.keys(verb).map((done) => ({ kind: 'usual', thing: name, verb: done })));
  for (const one of usual.filter((phrase) => !SPECIAL.includes(`${phrase.thing}.${phrase.verb}`))) expect(phraseOf(`${one.thing}.${one.verb}`)).toEqual(one);
  expect(SPECIAL.map((action) => phraseOf(action))).toEqual(Object.keys(special).map((key) => ({ kind: 'special', key })));
  expect(Object.keys(area)).toEqual([...AUDIT_AREAS]);
});

test('the filter of an address is what it can mean', () => {
  const now = Date.parse('2026-11-21T12:00:30.000Z');
  const of = (query: Record<string, string>) => filterOf((name) => query[name], now);
  expect(of({ about: 'instance', result: 'refused', time: 'day', actor: 'usr_1', target: 'ins_1' })).toEqual({
    action: 'instance',
    result: 'refused',
    since: '2026-11-20T12:00:00.000Z',
    actor: 'usr_1',
    target: 'ins_1',
  });
  expect(of({ about: 'nonsense', result: 'x', time: 'x', actor: "'; --", target: '' })).toEqual({});
});

test('a target leads to its page where it has one', () => {
  const of = (kind: string, id: string) => targetRoute({ kind, id, name: null });
  expect(of('instance', 'ins_1')).toEqual({ name: 'instance', params: { id: 'ins_1' } });
  expect(of('operation', 'op_1')).toEqual({ name: 'operation', params: { id: 'op_1' } });
  expect([of('host', 'hst_1')?.name, of('provider', 'prv_1')?.name, of('api-key', 'key_1')]).toEqual(['hosts', 'models', null]);
});

test('entries are cut into days, and values into text', () => {
  const at = (time: string) => ({ at: new Date(time).toISOString() }) as AuditEntry;
  expect(daysOf([at('2026-11-21T10:00:00'), at('2026-11-21T09:00:00'), at('2026-11-20T23:00:00')]).map(({ entries }) => entries.length)).toEqual([2, 1]);
  expect([undefined, null, 'a', 1, { b: 1 }].map(valueText)).toEqual(['', '', 'a', '1', '{"b":1}']);
});
