import { z } from 'zod';
import type { ClawSecret } from '../adapter.ts';
import { isSecretReference, type SecretReference } from '../config/paths.ts';

/** Name of a stored secret. */
const SECRET_NAME = /^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$/;

/** A secret that is stored for the tenant, by its name; its value is never a part of settings. */
const secret = z.strictObject({ secret: z.string().regex(SECRET_NAME, 'the name of a stored secret, such as telegram-bot') });

const id = z.string().min(1).max(200);
const people = z.array(z.string().min(1).max(200)).max(500);

const access = {
  enabled: z.boolean().default(false).describe('Whether the agent listens on this channel.'),
  dmPolicy: z.enum(['pairing', 'allowlist', 'open', 'disabled']).optional().describe('Who may write to it directly.'),
  allowFrom: people.optional().describe('Ids of those who may write to it directly.'),
  groupPolicy: z.enum(['open', 'allowlist', 'disabled']).optional().describe('In which groups it answers.'),
};

/** Chat services that people reach the agent through, each with what it needs to sign in. */
export const channels = z.strictObject({
  telegram: z.strictObject({ ...access, botToken: secret.optional().describe('Token of the bot.') }).prefault({}),
  qq: z.strictObject({ ...access, appId: id.optional().describe('App id of the bot.'), clientSecret: secret.optional().describe('Its secret.') }).prefault({}),
  feishu: z
    .strictObject({
      ...access,
      appId: id.optional().describe('App id of the bot.'),
      appSecret: secret.optional().describe('Its secret.'),
      domain: z.enum(['feishu', 'lark']).optional().describe('Which of the two services it is registered with.'),
    })
    .prefault({}),
});

export type Channels = z.output<typeof channels>;

/** What the claw calls each channel. */
export const NATIVE_CHANNELS = { telegram: 'telegram', qq: 'qqbot', feishu: 'feishu' } as const;

/** The claw's own section of channels; only those that are switched on or have been given something stand in it. */
export function channelsSection(settings: Channels): Record<string, unknown> {
  const sections = Object.entries(NATIVE_CHANNELS).flatMap(([name, native]) => {
    const { enabled, ...rest } = settings[name as keyof Channels];
    const given = Object.entries(rest).filter(([, value]) => value !== undefined);
    if (!enabled && given.length === 0) return [];
    return [[native, { enabled, ...Object.fromEntries(given.map(([key, value]) => [key, isSecretReference(value) ? referenceTo(value) : value])) }]];
  });
  return sections.length === 0 ? {} : { channels: Object.fromEntries(sections) };
}

/** Names of the stored secrets that the channels use. */
export function secretsOf(settings: Channels): readonly string[] {
  const used = Object.values(settings).flatMap((section) => Object.values(section).filter(isSecretReference));
  return [...new Set(used.map((reference) => reference.secret))].sort();
}

/** Environment variables through which the claw is given its stored secrets. */
export function secretEnvOf(settings: Channels): Readonly<Record<string, ClawSecret>> {
  return Object.fromEntries(secretsOf(settings).map((name): [string, ClawSecret] => [envOf(name), `stored:${name}`]));
}

/** The platform's prefix: settings of people cannot name such a variable. */
function envOf(name: string): string {
  return `CLAWLOOPS_SECRET_${name.toUpperCase().replaceAll('-', '_')}`;
}

function referenceTo(reference: SecretReference): Record<string, unknown> {
  return { source: 'env', provider: 'default', id: envOf(reference.secret) };
}
