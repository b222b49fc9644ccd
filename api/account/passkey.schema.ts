import { z } from 'zod';
import { timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const passkeyView = z.strictObject({ id: z.string(), name: z.string(), createdAt: timestamp, lastUsedAt: timestamp.nullable() }).meta({ id: 'Passkey' });
export type PasskeyView = z.infer<typeof passkeyView>;

/** What a browser's WebAuthn functions take and give; both ends are of one library, so it is handed through as it is. */
const webAuthn = z.record(z.string(), z.unknown());

const ceremony = z
  .strictObject({
    ceremony: z.string().meta({ description: 'Send it back with the answer of the authenticator; works once, within five minutes' }),
    options: webAuthn,
  })
  .meta({ id: 'PasskeyCeremony' });

const answer = { ceremony: z.string().min(1).max(200), response: webAuthn } as const;

export const listPasskeys = contract({
  id: 'listPasskeys',
  method: 'get',
  path: '/account/passkeys',
  tag: 'account',
  summary: 'Your passkeys',
  answers: { 200: { description: 'Your passkeys', schema: z.strictObject({ items: z.array(passkeyView) }).meta({ id: 'Passkeys' }) } },
});

export const beginPasskey = contract({
  id: 'beginPasskey',
  method: 'post',
  path: '/account/passkeys/options',
  tag: 'account',
  summary: 'Begin to add a passkey',
  answers: { 200: { description: 'Options for `navigator.credentials.create`', schema: ceremony } },
});

export const addPasskey = contract({
  id: 'addPasskey',
  method: 'post',
  path: '/account/passkeys',
  tag: 'account',
  summary: 'Add the passkey that the authenticator made',
  body: z.strictObject({ ...answer, name: z.string().trim().min(1).max(100) }).meta({ id: 'NewPasskey' }),
  answers: { 201: { description: 'Added', schema: passkeyView } },
  failures: ['CODE_INVALID'],
});

export const removePasskey = contract({
  id: 'removePasskey',
  method: 'delete',
  path: '/account/passkeys/{id}',
  tag: 'account',
  summary: 'Remove a passkey',
  params: z.strictObject({ id: z.string().min(1).max(100) }),
  answers: { 204: { description: 'It signs nobody in any more' } },
  failures: ['NOT_FOUND'],
});

export const beginPasskeySignIn = contract({
  id: 'beginPasskeySignIn',
  method: 'post',
  path: '/account/passkeys/sign-in/options',
  tag: 'account',
  auth: 'none',
  summary: 'Begin to sign in with a passkey',
  answers: { 200: { description: 'Options for `navigator.credentials.get`', schema: ceremony } },
});

export const signInWithPasskey = contract({
  id: 'signInWithPasskey',
  method: 'post',
  path: '/account/passkeys/sign-in',
  tag: 'account',
  auth: 'none',
  summary: 'Sign in with what the authenticator answered',
  body: z.strictObject(answer).meta({ id: 'PasskeySignIn' }),
  answers: { 204: { description: 'Signed in', headers: { 'Set-Cookie': 'The session' } } },
  failures: ['CODE_INVALID', 'UNAUTHENTICATED', 'ACCOUNT_DISABLED', 'SSO_REQUIRED'],
});

export const passkeyContracts = [listPasskeys, beginPasskey, addPasskey, removePasskey, beginPasskeySignIn, signInWithPasskey];
