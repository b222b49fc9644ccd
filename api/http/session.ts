import { randomBytes } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { newId } from '../../activities/platform/ids.ts';
import type { Logger } from '../../activities/platform/logger.ts';
import type { Database } from '../../prisma/client.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';

export interface SessionOptions {
  readonly database: Database;
  readonly secret: string;
  readonly publicUrl: string;
  readonly origins: readonly string[];
  readonly logger: Logger;
  /** Only for the set-up, which makes the first account; the routes of the product never have it. */
  readonly allowSignUp?: boolean;
}

/** Set by us from the socket, overwriting what a client sent: the rate limit counts by it. */
export const CLIENT_IP_HEADER = 'x-clawloops-client-ip';

export const PASSWORD_CHARACTERS = { min: 10, max: 128 } as const;

const SESSION_SECONDS = 14 * 24 * 3600;

/** Accounts and sessions: better-auth over schema `auth`. */
export function createSessions({ database, secret, publicUrl, origins, logger, allowSignUp = false }: SessionOptions) {
  return betterAuth({
    appName: 'ClawLoops',
    baseURL: publicUrl,
    basePath: '/api/auth',
    secret,
    trustedOrigins: [...origins],
    database: prismaAdapter(database.root, { provider: 'postgresql' }),
    emailAndPassword: { enabled: true, disableSignUp: !allowSignUp, minPasswordLength: PASSWORD_CHARACTERS.min, maxPasswordLength: PASSWORD_CHARACTERS.max },
    session: { expiresIn: SESSION_SECONDS, updateAge: SESSION_SECONDS / 14 },
    rateLimit: { enabled: true, window: 60, max: 300, customRules: { '/sign-in/email': { window: 60, max: 30 } } },
    advanced: {
      cookiePrefix: 'clawloops',
      useSecureCookies: publicUrl.startsWith('https:'),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' },
      ipAddress: { ipAddressHeaders: [CLIENT_IP_HEADER] },
      database: { generateId: ({ model }) => (model === 'user' ? newId(IdPrefix.user) : randomBytes(16).toString('hex')) },
    },
    telemetry: { enabled: false },
    // Only the sentence: the further arguments may hold what a person typed.
    logger: { level: 'warn', log: (level, message) => logger[level](`better-auth: ${message}`) },
  });
}

export type Sessions = ReturnType<typeof createSessions>;
