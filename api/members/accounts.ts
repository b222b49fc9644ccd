import type { IncomingMessage } from 'node:http';
import { isAPIError } from 'better-auth/api';
import { fromNodeHeaders } from 'better-auth/node';
import { Failure } from '../../workflows/contracts/failures.ts';
import { isSameOrigin } from '../http/origins.ts';
import type { PasswordRules } from '../http/password-rules.ts';
import { CLIENT_IP_HEADER, type Sessions } from '../http/session.ts';
import type { SignInWaits } from '../http/sign-in-waits.ts';

/** An account as far as invitations know it. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** What joining needs of accounts and sessions. */
export interface Accounts {
  /** Whose session the request carries, member of a tenant or not. Throws FORBIDDEN for a cookie from another site. */
  whoIs(request: IncomingMessage): Promise<Person | null>;
  /** What is kept of a new password. Throws PASSWORD_WEAK, PASSWORD_BREACHED; `own`: what an attacker would know of the person. */
  hash(password: string, own: readonly string[]): Promise<string>;
  /** Signs somebody in whose account was just made. Answers the session's cookies; none where only an identity provider leads in. */
  enter(userId: string, request: IncomingMessage): Promise<readonly string[]>;
  /**
   * Signs in like the form does, and is counted like it. Answers the session's cookies, none while a second step is to come, or null
   * when it was refused. Throws RATE_LIMITED.
   */
  signIn(email: string, password: string, ip: string): Promise<readonly string[] | null>;
}

export interface AccountDeps {
  readonly sessions: Sessions;
  readonly passwords: PasswordRules;
  readonly waits: SignInWaits;
  readonly origins: readonly string[];
  readonly publicUrl: string;
}

const SIGN_IN_PATH = '/api/auth/sign-in/email';

export function createAccounts({ sessions, passwords, waits, origins, publicUrl }: AccountDeps): Accounts {
  return {
    whoIs: async (request) => {
      if (!request.headers.cookie) return null;
      const session = await sessions.api.getSession({ headers: fromNodeHeaders(request.headers) });
      if (!session) return null;
      if (!isSameOrigin(request, origins)) throw new Failure('FORBIDDEN', 'A request with a cookie must come from the portal itself.');
      const { id, name, email } = session.user;
      return { id, name, email };
    },
    hash: async (password, own) => {
      await passwords.check(password, '/password', own);
      return (await sessions.$context).password.hash(password);
    },
    enter: async (userId, request) => {
      try {
        const { headers } = await sessions.api.issueSession({ body: { userId }, headers: fromNodeHeaders(request.headers), returnHeaders: true });
        return headers.getSetCookie();
      } catch (error) {
        if (isAPIError(error) && (error.body as { code?: string } | undefined)?.code === 'SSO_REQUIRED') return [];
        throw error;
      }
    },
    signIn: async (email, password, ip) => {
      const seconds = await waits.begin({ email, ip });
      if (seconds > 0) throw new Failure('RATE_LIMITED', `After several wrong passwords the next may be tried in ${seconds} s.`);
      const headers = { 'content-type': 'application/json', origin: new URL(publicUrl).origin, [CLIENT_IP_HEADER]: ip };
      const answer = await sessions.handler(
        new Request(new URL(SIGN_IN_PATH, publicUrl), { method: 'POST', headers, body: JSON.stringify({ email, password }) }),
      );
      if (!answer.ok) return null;
      await waits.succeeded({ email, ip });
      return answer.headers.getSetCookie();
    },
  };
}
