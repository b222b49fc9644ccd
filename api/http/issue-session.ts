import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { z } from 'zod';

const body = z.object({
  userId: z.string(),
  /** The tenant whose identity provider vouched for the person; null = the person proved it to us. */
  ssoTenantId: z.string().nullable().default(null),
});

/**
 * `api.issueSession({ body: { userId }, headers, returnHeaders: true })` signs somebody in who proved in a way of ours who they are:
 * a passkey, an identity provider, an invitation. No path leads to it from outside. The session's cookies are in the headers.
 */
export function issueSession() {
  return {
    id: 'issue-session',
    endpoints: {
      issueSession: createAuthEndpoint('/issue-session', { method: 'POST', body, metadata: { SERVER_ONLY: true } }, async (context) => {
        const { userId, ssoTenantId } = context.body;
        const user = await context.context.internalAdapter.findUserById(userId);
        if (!user) throw context.error('UNAUTHORIZED');
        // Who stands at the organization changes: such a session ends after a day, with the browser, and is not prolonged.
        const isVouched = ssoTenantId !== null;
        const session = await context.context.internalAdapter.createSession(userId, isVouched, isVouched ? { ssoTenantId } : {});
        await setSessionCookie(context, { session, user }, isVouched);
        return { user: { id: user.id, name: user.name, email: user.email } };
      }),
    },
  } as const;
}
