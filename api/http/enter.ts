import { isAPIError } from 'better-auth/api';
import type { Logger } from '../../activities/platform/logger.ts';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { CLIENT_IP_HEADER, type Sessions } from './session.ts';
import { recordSignIn } from './sign-in-event.ts';

export interface EnterDeps {
  readonly sessions: Sessions;
  readonly database: Database;
  readonly logger: Logger;
}

/** Who enters, from where. */
export interface Entering {
  readonly userId: string;
  /** The tenant whose identity provider vouched for the person: the session is good there and nowhere else. Null = the person proved it to us. */
  readonly ssoTenantId: string | null;
  readonly headers: Headers;
  readonly ip: string;
  readonly requestId: string;
}

/** Signs in whoever proved who they are in another way than by a password. Answers the session's cookies; throws ACCOUNT_DISABLED, SSO_REQUIRED. */
export async function enter({ sessions, database, logger }: EnterDeps, { userId, ssoTenantId, headers: sent, ip, requestId }: Entering): Promise<string[]> {
  const headers = new Headers({ [CLIENT_IP_HEADER]: ip, 'user-agent': sent.get('user-agent') ?? '' });
  try {
    const entered = await sessions.api.issueSession({ body: { userId, ssoTenantId }, headers, returnHeaders: true });
    await recordSignIn(database, entered.response, requestId, ssoTenantId).catch((error: Error) =>
      logger.warn({ requestId, kind: error.name }, 'a sign-in could not be noted'),
    );
    return entered.headers.getSetCookie();
  } catch (error) {
    if (!isAPIError(error)) throw error;
    const { code } = (error.body ?? {}) as { code?: string };
    throw new Failure(code === 'ACCOUNT_DISABLED' || code === 'SSO_REQUIRED' ? code : 'UNAUTHENTICATED');
  }
}
