import type { AuditEntry, AuditQuery } from '../../api/audit.ts';
import type { Tone } from '../instances/status-view.ts';

/** What entries are about, as people choose it: the resource of their actions. */
export const AUDIT_AREAS = [
  ...(['instance', 'operation', 'provider', 'host', 'claw-type', 'member', 'invitation', 'project', 'tenant', 'quota'] as const),
  ...(['api-key', 'account', 'person', 'policy', 'system', 'audit', 'key-rotation'] as const),
] as const;
export const AUDIT_RESULTS = ['done', 'refused', 'failed'] as const;
/** How far back, in hours. */
export const AUDIT_TIMES = { day: 24, week: 168, month: 720 } as const;
export type AuditTime = keyof typeof AUDIT_TIMES;

export const RESULT_TONES: Readonly<Record<AuditEntry['result'], Tone>> = { done: 'neutral', refused: 'warning', failed: 'error' };

/** Things with a sentence of their own by resource, and what is done to them by verb. */
const THINGS: readonly string[] = [
  ...['instance', 'operation', 'provider', 'host', 'claw-type', 'member', 'membership', 'invitation', 'project', 'tenant', 'quota', 'plan', 'policy'],
  ...['api-key', 'account', 'person', 'user', 'session', 'sso', 'view', 'entry'],
];
const VERBS: readonly string[] = [
  ...[
    'create',
    'add',
    'update',
    'change',
    'put',
    'set',
    'delete',
    'remove',
    'destroy',
    'revoke',
    'register',
    'verify',
    'start',
    'stop',
    'restart',
    'kill',
    'retry',
  ],
  ...['rotate-key', 'rotate', 'cancel', 'give-up', 'retry-now', 'resend', 'accept', 'invite', 'enable', 'disable', 'suspend', 'resume', 'open'],
];
/** Actions with a message of their own. */
export const SPECIAL: readonly string[] = [
  ...['platform.set-up', 'system.log-level', 'system.support-bundle', 'host.end-unknown-claw', 'audit.export', 'key-rotation.start'],
  ...['member.change-role', 'person.require-password-change', 'platform-role.give', 'platform-role.take', 'project.grant', 'project.revoke'],
  ...['tenant.plan', 'tenant.visit', 'member.leave', 'sso.link'],
];

/** How the sentence of an action is put together. `special`: a message of its own; `usual`: of a thing and a verb; `other`: an action that has no words. */
export type Phrase =
  | { readonly kind: 'special'; readonly key: string }
  | { readonly kind: 'usual'; readonly thing: string; readonly verb: string }
  | { readonly kind: 'other' };

export function phraseOf(action: string): Phrase {
  if (SPECIAL.includes(action)) return { kind: 'special', key: action.replaceAll(/[.-]/g, '_') };
  const dot = action.indexOf('.');
  const thing = action.slice(0, dot);
  const verb = action.slice(dot + 1);
  return THINGS.includes(thing) && VERBS.includes(verb) ? { kind: 'usual', thing, verb } : { kind: 'other' };
}

/** Where the page of a target is, for those that have one. */
export function targetRoute({ kind, id }: AuditEntry['target']): { readonly name: string; readonly params?: { readonly id: string } } | null {
  if (id.startsWith('ins_')) return { name: 'instance', params: { id } };
  if (id.startsWith('op_')) return { name: 'operation', params: { id } };
  if (id.startsWith('hst_')) return { name: 'hosts' };
  return kind === 'provider' ? { name: 'models' } : null;
}

/** Entries of one day in the time of this browser. */
export interface AuditDay {
  /** Midnight at which it began, in milliseconds. */
  readonly at: number;
  readonly entries: readonly AuditEntry[];
}

/** Cuts a list, newest first, into days. */
export function daysOf(entries: readonly AuditEntry[]): readonly AuditDay[] {
  const days = Map.groupBy(entries, ({ at }) => new Date(at).setHours(0, 0, 0, 0));
  return [...days].map(([at, own]) => ({ at, entries: own }));
}

/** A value of a change as one line of text; empty for none. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const ID = /^[\w.:-]{1,200}$/;

/** The filter that an address means; what it cannot mean is left out. */
export function filterOf(text: (name: string) => string | undefined, now: number): Omit<AuditQuery, 'limit' | 'cursor'> {
  const area = AUDIT_AREAS.find((one) => one === text('about'));
  const result = AUDIT_RESULTS.find((one) => one === text('result'));
  const hours = AUDIT_TIMES[text('time') as AuditTime] as number | undefined;
  const id = (name: string) => (ID.test(text(name) ?? '') ? text(name) : undefined);
  const actor = id('actor');
  const target = id('target');
  return {
    ...(area ? { action: area } : {}),
    ...(result ? { result } : {}),
    // Of whole minutes, so that the list is not another one with every look at the clock.
    ...(hours ? { since: new Date(Math.floor(now / 60_000) * 60_000 - hours * 3_600_000).toISOString() } : {}),
    ...(actor ? { actor } : {}),
    ...(target ? { target } : {}),
  };
}
