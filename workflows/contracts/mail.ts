import type { NotificationContent } from './notification.ts';

/** Languages that the product writes to people in. */
export const MailLocale = { en: 'en', zh: 'zh', ja: 'ja' } as const;
export type MailLocale = (typeof MailLocale)[keyof typeof MailLocale];

/** What each kind of message must be told to be written. Links are whole addresses; times are ISO 8601. */
export interface MailVariables {
  'verify-email': { readonly name: string; readonly link: string };
  'reset-password': { readonly name: string; readonly link: string };
  'security-changed': { readonly name: string; readonly change: SecurityChange; readonly at: string };
  invitation: { readonly inviter: string; readonly tenant: string; readonly role: string; readonly link: string; readonly expiresAt: string };
  /** `subject`: the name of what it is about. */
  notification: { readonly name: string; readonly subject: string; readonly what: NotificationContent; readonly link: string };
}
export type MailTemplate = keyof MailVariables;

/** What changed at an account, so that whoever did not do it hears of it. */
export const SecurityChange = {
  password: 'password',
  secondFactorOn: 'second-factor-on',
  secondFactorOff: 'second-factor-off',
  passkeyAdded: 'passkey-added',
  passkeyRemoved: 'passkey-removed',
} as const;
export type SecurityChange = (typeof SecurityChange)[keyof typeof SecurityChange];

/** A message of one kind with what it says. */
export type MailContent = { [T in MailTemplate]: { readonly template: T; readonly vars: MailVariables[T] } }[MailTemplate];

/** Where a message is: `failed` means that nobody tries any more. */
export const MailState = { waiting: 'waiting', sent: 'sent', failed: 'failed' } as const;
export type MailState = (typeof MailState)[keyof typeof MailState];

/** Input of the workflow that sends one message. What it says never travels with it. */
export interface MailOrder {
  readonly mailId: string;
}
