import { z } from 'zod';
import { timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';
import { PASSWORD_CHARACTERS } from '../http/session.ts';

const securityView = z
  .strictObject({
    email: z.string(),
    emailVerified: z.boolean(),
    password: z.boolean().meta({ description: 'Whether you can sign in with a password' }),
    secondFactor: z.boolean().meta({ description: 'Whether an authenticator app is asked for after the password' }),
    passkeys: z.boolean().meta({ description: 'Whether passkeys are possible at this address; an IP address has none' }),
    mail: z.boolean().meta({ description: 'Whether the platform can send mail' }),
    sso: z.boolean().meta({ description: 'Your organization vouches for you: this session cannot change the account' }),
  })
  .meta({ id: 'AccountSecurity' });

const sessionView = z
  .strictObject({
    id: z.string(),
    current: z.boolean(),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: timestamp,
    lastUsedAt: timestamp.meta({ description: 'To the day' }),
    expiresAt: timestamp,
  })
  .meta({ id: 'AccountSession' });
export type SessionView = z.infer<typeof sessionView>;

const code = z.string().min(1).max(200).meta({ description: 'From the fragment of the link in the mail; works once' });

export const getAccountSecurity = contract({
  id: 'getAccountSecurity',
  method: 'get',
  path: '/account/security',
  tag: 'account',
  summary: 'What protects your account',
  answers: { 200: { description: 'What is on and what is possible', schema: securityView } },
});

export const listAccountSessions = contract({
  id: 'listAccountSessions',
  method: 'get',
  path: '/account/sessions',
  tag: 'account',
  summary: 'Where you are signed in, the latest first',
  answers: { 200: { description: 'Your sessions', schema: z.strictObject({ items: z.array(sessionView) }).meta({ id: 'AccountSessions' }) } },
});

export const revokeAccountSession = contract({
  id: 'revokeAccountSession',
  method: 'delete',
  path: '/account/sessions/{id}',
  tag: 'account',
  summary: 'Sign out somewhere else',
  params: z.strictObject({ id: z.string().min(1).max(100) }),
  answers: { 204: { description: 'Ended; its sockets are closed within seconds' } },
  failures: ['NOT_FOUND'],
});

export const revokeOtherSessions = contract({
  id: 'revokeOtherSessions',
  method: 'post',
  path: '/account/sessions/end-others',
  tag: 'account',
  summary: 'Sign out everywhere but here',
  answers: { 204: { description: 'Ended' } },
});

export const requestEmailVerification = contract({
  id: 'requestEmailVerification',
  method: 'post',
  path: '/account/email-verification',
  tag: 'account',
  summary: 'Have a link sent that confirms your address',
  description: 'The language of the mail is the first of `Accept-Language` that the product speaks. Once a minute at most.',
  answers: { 204: { description: 'The mail is on its way, or the address is confirmed already' } },
  failures: ['MAIL_NOT_CONFIGURED', 'RATE_LIMITED'],
});

export const confirmEmail = contract({
  id: 'confirmEmail',
  method: 'post',
  path: '/account/email-verification/confirm',
  tag: 'account',
  auth: 'none',
  summary: 'Confirm an address with the code of the mail',
  body: z.strictObject({ code }).meta({ id: 'ConfirmEmail' }),
  answers: { 204: { description: 'Confirmed' } },
  failures: ['CODE_INVALID'],
});

export const requestPasswordReset = contract({
  id: 'requestPasswordReset',
  method: 'post',
  path: '/account/password-reset',
  tag: 'account',
  auth: 'none',
  summary: 'Have a link sent that lets one choose a new password',
  description: 'The answer is the same whether the address has an account or not.',
  body: z.strictObject({ email: z.email().max(254) }).meta({ id: 'PasswordResetRequest' }),
  answers: { 204: { description: 'If there is such an account, the mail is on its way' } },
  failures: ['MAIL_NOT_CONFIGURED'],
});

export const resetPassword = contract({
  id: 'resetPassword',
  method: 'post',
  path: '/account/password-reset/confirm',
  tag: 'account',
  auth: 'none',
  summary: 'Choose a new password with the code of the mail',
  description: 'Ends every session of the account. A password that is refused leaves the code good.',
  body: z.strictObject({ code, password: z.string().min(PASSWORD_CHARACTERS.min).max(PASSWORD_CHARACTERS.max) }).meta({ id: 'PasswordReset' }),
  answers: { 204: { description: 'Sign in with it now' } },
  failures: ['CODE_INVALID', 'PASSWORD_WEAK', 'PASSWORD_BREACHED'],
});

export const accountContracts = [
  getAccountSecurity,
  listAccountSessions,
  revokeAccountSession,
  revokeOtherSessions,
  requestEmailVerification,
  confirmEmail,
  requestPasswordReset,
  resetPassword,
];
