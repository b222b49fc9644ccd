import { randomBytes } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { twoFactor } from 'better-auth/plugins/two-factor';
import { newId } from '../../activities/platform/ids.ts';
import type { Logger } from '../../activities/platform/logger.ts';
import type { Database } from '../../prisma/client.ts';
import { FAILURES, Failure, isFailure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { SecurityChange } from '../../workflows/contracts/mail.ts';
import { issueSession } from './issue-session.ts';
import type { PasswordHashing } from './password-hashing.ts';
import type { PasswordRules } from './password-rules.ts';

/** A person whose account something happened to. */
export interface AccountHolder {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export interface SessionOptions {
  readonly database: Database;
  readonly secret: string;
  readonly publicUrl: string;
  readonly origins: readonly string[];
  readonly logger: Logger;
  readonly passwords: PasswordRules;
  readonly hashing: PasswordHashing;
  /** Told when what protects an account was changed, so that its owner hears of it. Never fails. */
  readonly onSecurityChange: (person: AccountHolder, change: SecurityChange, acceptLanguage: string | null | undefined) => Promise<void>;
  /** For the set-up, which makes the first account, and for invitations; the routes of the product never have it. */
  readonly allowSignUp?: boolean;
}

/** Set by us from the socket, overwriting what a client sent: the rate limit counts by it. */
export const CLIENT_IP_HEADER = 'x-clawloops-client-ip';

export const PASSWORD_CHARACTERS = { min: 10, max: 128 } as const;

/** The paths below `/api/auth` that people reach; whatever else better-auth knows is not there. */
export const AUTH_PATHS: readonly string[] = [
  '/sign-in/email',
  '/sign-out',
  '/get-session',
  '/change-password',
  '/update-user',
  '/two-factor/enable',
  '/two-factor/disable',
  '/two-factor/verify-totp',
  '/two-factor/verify-backup-code',
  '/two-factor/generate-backup-codes',
];

const SESSION_SECONDS = 14 * 24 * 3600;
const RECOVERY_CODES = { amount: 10, length: 10 } as const;

/** Accounts and sessions: better-auth over schema `auth`. Passwords are hashed by scrypt in the thread pool. */
export function createSessions(options: SessionOptions) {
  const { database, secret, publicUrl, origins, logger, hashing, allowSignUp = false } = options;
  return betterAuth({
    appName: 'ClawLoops',
    baseURL: publicUrl,
    basePath: '/api/auth',
    secret,
    trustedOrigins: [...origins],
    database: prismaAdapter(database.root, { provider: 'postgresql' }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: !allowSignUp,
      minPasswordLength: PASSWORD_CHARACTERS.min,
      maxPasswordLength: PASSWORD_CHARACTERS.max,
      password: hashing,
    },
    user: {
      additionalFields: {
        mustChangePassword: { type: 'boolean', input: false, required: false },
        disabledAt: { type: 'date', input: false, required: false },
      },
    },
    session: {
      expiresIn: SESSION_SECONDS,
      updateAge: SESSION_SECONDS / 14,
      additionalFields: { ssoTenantId: { type: 'string', input: false, required: false } },
    },
    plugins: [twoFactor({ issuer: 'ClawLoops', backupCodeOptions: RECOVERY_CODES }), issueSession()],
    hooks: { before: refuseBadPasswords(options), after: tellOfChanges(options) },
    databaseHooks: hooksOf(options),
    // Guessing is answered by waits of its own; see sign-in-waits.ts.
    rateLimit: { enabled: true, window: 60, max: 600, customRules: { '/sign-in/email': { window: 60, max: 600 }, '/two-factor/*': { window: 60, max: 60 } } },
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

/** In the words of better-auth, so that it answers with the code; {@link passwordFailureOf} turns them back. */
function asApiError({ code, message }: Failure): APIError {
  return new APIError(FAILURES[code].status === 403 ? 'FORBIDDEN' : 'UNPROCESSABLE_ENTITY', { code, message });
}

/** The refusal of a password that better-auth threw, about the field that it came in; any other error as it is. */
export function passwordFailureOf(error: unknown, path: string): unknown {
  const { code } = (error instanceof APIError ? (error.body ?? {}) : {}) as { code?: string };
  if (code !== 'PASSWORD_WEAK' && code !== 'PASSWORD_BREACHED') return error;
  return new Failure(code, undefined, { errors: [{ path, message: FAILURES[code].title }] });
}

function refuseBadPasswords({ passwords }: SessionOptions) {
  return createAuthMiddleware(async (context) => {
    const isNew = context.path === '/sign-up/email';
    if (!isNew && context.path !== '/change-password') return;
    const { password, newPassword, name, email } = (context.body ?? {}) as Partial<Record<string, unknown>>;
    const chosen = isNew ? password : newPassword;
    if (typeof chosen !== 'string' || chosen.length < PASSWORD_CHARACTERS.min || chosen.length > PASSWORD_CHARACTERS.max) return;
    try {
      await passwords.check(
        chosen,
        isNew ? '/password' : '/newPassword',
        [name, email].filter((text) => typeof text === 'string'),
      );
    } catch (error) {
      throw isFailure(error) ? asApiError(error) : error;
    }
  });
}

const CHANGES: Readonly<Record<string, SecurityChange>> = {
  '/change-password': SecurityChange.password,
  '/two-factor/disable': SecurityChange.secondFactorOff,
};

function tellOfChanges({ onSecurityChange }: SessionOptions) {
  return createAuthMiddleware(async (context) => {
    const change = CHANGES[context.path];
    const person = context.context.session?.user;
    if (change && person && !(context.context.returned instanceof APIError)) await onSecurityChange(person, change, context.headers?.get('accept-language'));
  });
}

/** `sso_only`: wherever the person belongs, only an identity provider leads there, so a session without one would be good for nothing. */
const STANDING = `SELECT u.disabled_at IS NOT NULL AS disabled, lookup_platform_role(u.id) IS NULL
    AND coalesce((SELECT bool_and(m.sso_required) FROM lookup_memberships(u.id) m), false) AS sso_only
  FROM auth."user" u WHERE u.id = $1`;

function hooksOf({ onSecurityChange, database }: SessionOptions) {
  return {
    session: {
      create: {
        before: async ({ userId, ssoTenantId }: { userId: string; ssoTenantId?: unknown }) => {
          const { rows } = await database.pool.query<{ disabled: boolean; sso_only: boolean }>(STANDING, [userId]);
          if (rows[0]?.disabled) throw asApiError(new Failure('ACCOUNT_DISABLED'));
          if (rows[0]?.sso_only && !ssoTenantId) throw asApiError(new Failure('SSO_REQUIRED'));
        },
      },
    },
    user: {
      update: {
        // Only the first code of an authenticator app turns it on.
        after: async (user: AccountHolder & Record<string, unknown>, context: { path?: string; headers?: Headers } | null) => {
          if (context?.path === '/two-factor/verify-totp' && user.twoFactorEnabled)
            await onSecurityChange(user, SecurityChange.secondFactorOn, context.headers?.get('accept-language'));
        },
      },
    },
  };
}
