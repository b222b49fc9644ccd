import { z } from 'zod';
import { timestamp } from '../http/common.schema.ts';
import { contract } from '../http/contract.ts';

const tag = 'sso';

/** What groups can make of somebody. Owners are made by owners only. */
export const SsoRole = { admin: 'admin', operator: 'operator', approver: 'approver', member: 'member', viewer: 'viewer' } as const;
export type SsoRole = (typeof SsoRole)[keyof typeof SsoRole];

const DOMAIN = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

const role = z.enum(SsoRole).meta({ id: 'SsoRole' });
const groupRole = z.strictObject({ group: z.string().min(1).max(300), role }).meta({ id: 'SsoGroupRole' });

const settings = {
  name: z.string().trim().min(1).max(60).meta({ description: 'What people read on the button', example: 'Acme' }),
  issuer: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .meta({ description: 'Issuer of the provider; it describes itself at /.well-known/openid-configuration below. https, except on this machine' }),
  clientId: z.string().trim().min(1).max(300),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'must be a scope without spaces'))
    .min(1)
    .max(20)
    .refine((all) => all.includes('openid'), 'must hold openid'),
  domains: z
    .array(z.string().max(253).regex(DOMAIN, 'must be a domain such as example.com, in small letters'))
    .min(1)
    .max(50)
    .meta({ description: 'Domains of the e-mail addresses of people who come by it. A domain leads to one tenant' }),
  groupsClaim: z.string().min(1).max(200).nullable().meta({ description: 'Claim that lists the groups of a person; null = groups decide nothing' }),
  groupRoles: z.array(groupRole).max(200).meta({ description: 'The strongest role of all groups of a person counts, at every sign-in' }),
  defaultRole: role.nullable().meta({ description: 'Of whoever is in none of these groups; null = they do not come in' }),
  enabled: z.boolean(),
  enforced: z.boolean().meta({ description: 'Everybody but owners comes by it only' }),
} as const;

export const ssoBody = z
  .strictObject({
    ...settings,
    clientSecret: z
      .string()
      .min(1)
      .max(2000)
      .nullable()
      .optional()
      .meta({ description: 'Left out: stays as it is, while the issuer stays. null: the client has none' }),
    scopes: settings.scopes.default(['openid', 'profile', 'email']),
    groupsClaim: settings.groupsClaim.default(null),
    groupRoles: settings.groupRoles.default([]),
    defaultRole: settings.defaultRole.default(SsoRole.member),
    enabled: settings.enabled.default(true),
    enforced: settings.enforced.default(false),
  })
  .meta({ id: 'SsoSettings' });
export type SsoBody = z.infer<typeof ssoBody>;

const connection = z
  .strictObject({
    ...settings,
    clientSecret: z.strictObject({ present: z.boolean() }).meta({ description: 'The secret itself is never answered' }),
    lastSignInAt: timestamp.nullable(),
    lastFailure: z.strictObject({ at: timestamp, message: z.string() }).nullable().meta({ description: 'Why the latest sign-in that did not work did not' }),
    updatedAt: timestamp,
  })
  .meta({ id: 'SsoConnection' });
export type SsoConnection = z.infer<typeof connection>;

const view = z
  .strictObject({
    callbackUrl: z.string().meta({ description: 'The redirect URI to register with the provider' }),
    entitled: z.boolean().meta({ description: 'Whether the plan of the tenant includes single sign-on' }),
    connection: connection.nullable(),
  })
  .meta({ id: 'Sso' });
export type SsoView = z.infer<typeof view>;

/** What a test looks at, one after the other. */
export const SsoCheckName = { discovery: 'discovery', keys: 'keys', authorization: 'authorization', client: 'client' } as const;
export type SsoCheckName = (typeof SsoCheckName)[keyof typeof SsoCheckName];

const check = z
  .strictObject({
    name: z.enum(SsoCheckName),
    state: z.enum(['passed', 'failed', 'skipped']),
    message: z.string(),
  })
  .meta({ id: 'SsoCheck' });
export type SsoCheck = z.infer<typeof check>;

export const getSso = contract({
  id: 'getSso',
  method: 'get',
  path: '/sso',
  tag,
  summary: 'How people of the tenant come in by their own identity provider',
  answers: { 200: { description: 'The connection, if there is one', schema: view } },
});

export const putSso = contract({
  id: 'putSso',
  method: 'put',
  path: '/sso',
  tag,
  summary: 'Connect the identity provider of the tenant, or change the connection',
  body: ssoBody,
  answers: { 200: { description: 'As it is from now on', schema: view } },
  failures: ['NOT_ENTITLED', 'NAME_TAKEN'],
});

export const deleteSso = contract({
  id: 'deleteSso',
  method: 'delete',
  path: '/sso',
  tag,
  summary: 'Remove the connection',
  description:
    'Ends the sessions that came by it, and the API keys that they made. Members stay; whoever has no password chooses one by “Forgot?” on the sign-in page.',
  answers: { 204: { description: 'Removed' } },
  failures: ['NOT_FOUND'],
});

export const testSso = contract({
  id: 'testSso',
  method: 'post',
  path: '/sso/test',
  tag,
  summary: 'Try a connection without keeping it',
  description: 'Asks the provider what it says of itself, for its keys, for its sign-in page, and whether it knows the client. Nobody is signed in.',
  body: ssoBody.pick({ issuer: true, clientId: true, clientSecret: true, scopes: true }).meta({ id: 'SsoTrial' }),
  answers: {
    200: { description: 'What was found', schema: z.strictObject({ ok: z.boolean(), checks: z.array(check) }).meta({ id: 'SsoTest' }) },
  },
  failures: ['NOT_ENTITLED'],
});

const email = z.email().max(254);

export const findSso = contract({
  id: 'findSso',
  method: 'post',
  path: '/sso/find',
  tag,
  auth: 'none',
  summary: 'Whether addresses of this domain sign in by an identity provider',
  description: 'Only the domain counts: the answer is the same for an address that has an account and one that has none.',
  body: z.strictObject({ email }).meta({ id: 'SsoQuestion' }),
  answers: {
    200: {
      description: 'The provider, if there is one',
      schema: z.strictObject({ provider: z.strictObject({ name: z.string(), enforced: z.boolean() }).nullable() }).meta({ id: 'SsoAnswer' }),
    },
  },
});

export const startSso = contract({
  id: 'startSso',
  method: 'post',
  path: '/sso/start',
  tag,
  auth: 'none',
  summary: 'Begin to sign in by the identity provider of the address',
  description: 'The browser that asked has ten minutes to come back from the address that is answered.',
  body: z
    .strictObject({
      email,
      next: z.string().max(1000).default('/').meta({ description: 'Path of the portal to go to afterwards' }),
    })
    .meta({ id: 'SsoStart' }),
  answers: { 200: { description: 'Where to send the browser', schema: z.strictObject({ url: z.string() }).meta({ id: 'SsoStarted' }) } },
  failures: ['NOT_FOUND', 'NOT_ENTITLED', 'SSO_FAILED', 'SSO_UNAVAILABLE'],
});

export const finishSso = contract({
  id: 'finishSso',
  method: 'get',
  path: '/sso/callback',
  tag,
  auth: 'none',
  summary: 'Where the identity provider sends the browser back to',
  description: 'Signs in and leads on into the portal; what went wrong stands in the fragment of the sign-in page.',
  query: z.looseObject({ state: z.string().max(500).optional() }),
  answers: { 303: { description: 'On into the portal', headers: { Location: 'A page of the portal' } } },
});

export const ssoContracts = [getSso, putSso, deleteSso, testSso, findSso, startSso, finishSso];
