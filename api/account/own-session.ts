import type { IncomingMessage } from 'node:http';
import { fromNodeHeaders } from 'better-auth/node';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { AccountHolder, Sessions } from '../http/session.ts';

/** The session that a request carries and whose it is. */
export interface OwnSession {
  readonly id: string;
  readonly user: AccountHolder & { readonly emailVerified: boolean };
  /** An identity provider vouched for the person, who cannot change the account by this session. */
  readonly sso: boolean;
}

/** Throws UNAUTHENTICATED without a session: no key reaches an account, however much it may in a tenant. */
export async function ownSession(sessions: Sessions, request: IncomingMessage): Promise<OwnSession> {
  const found = request.headers.authorization ? null : await sessions.api.getSession({ headers: fromNodeHeaders(request.headers) });
  if (!found) throw new Failure('UNAUTHENTICATED', 'An account is looked after by its owner, signed in to the portal.', { nextStep: 'Sign in to the portal.' });
  const { id, name, email, emailVerified } = found.user;
  return { id: found.session.id, user: { id, name, email, emailVerified }, sso: Boolean(found.session.ssoTenantId) };
}

/** Throws FORBIDDEN in a session that an identity provider vouched for: whoever runs that could otherwise take the account over. */
export async function ownAccount(sessions: Sessions, request: IncomingMessage): Promise<OwnSession> {
  const session = await ownSession(sessions, request);
  if (session.sso) {
    throw new Failure('FORBIDDEN', 'Your organization signed you in; what protects the account is changed there.', {
      nextStep: 'Sign in with a password or a passkey, or change it at your organization.',
    });
  }
  return session;
}
