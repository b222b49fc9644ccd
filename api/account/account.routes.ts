import { isIP } from 'node:net';
import { Router } from 'express';
import { Action } from '../http/authorize.ts';
import type { RouteKit } from '../http/route.ts';
import { accountPolicy as policy } from './account.policy.ts';
import * as contracts from './account.schema.ts';
import * as service from './account.service.ts';
import { ownAccount, ownSession } from './own-session.ts';
import { passkeyRoutes } from './passkey.routes.ts';

/** Everything under `/account`: what protects the caller's own account. */
export function accountRoutes(deps: service.AccountDeps & { readonly kit: RouteKit }): Router {
  const { kit, sessions, database, mailbox, publicUrl } = deps;
  const { mount } = kit;
  const router = Router();

  mount(router, contracts.getAccountSecurity, { action: Action.read, policy }, async ({ request }) => {
    const { user, sso } = await ownSession(sessions, request);
    const { rows } = await database.pool.query<{ password: boolean; secondFactor: boolean }>(
      `SELECT u.two_factor_enabled AS "secondFactor", EXISTS (SELECT 1 FROM auth.account a WHERE a.user_id = u.id AND a.provider_id = 'credential') AS password
       FROM auth."user" u WHERE u.id = $1`,
      [user.id],
    );
    const { password = false, secondFactor = false } = rows[0] ?? {};
    const passkeys = isIP(new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')) === 0;
    return { status: 200, body: { email: user.email, emailVerified: user.emailVerified, password, secondFactor, passkeys, mail: mailbox.configured, sso } };
  });

  mount(router, contracts.listAccountSessions, { action: Action.read, policy }, async ({ request }) => ({
    status: 200,
    body: { items: await service.listSessions(database.pool, await ownAccount(sessions, request)) },
  }));

  mount(router, contracts.revokeOtherSessions, { action: Action.remove, policy }, async ({ request }) => {
    await service.endOtherSessions(database.pool, await ownAccount(sessions, request));
    return { status: 204 };
  });

  mount(router, contracts.revokeAccountSession, { action: Action.remove, policy }, async ({ request, params }) => {
    await service.endSession(database.pool, await ownAccount(sessions, request), params.id);
    return { status: 204 };
  });

  mount(router, contracts.requestEmailVerification, { action: Action.update, policy }, async ({ request }) => {
    await service.sendVerification(deps, await ownAccount(sessions, request), request.headers['accept-language']);
    return { status: 204 };
  });

  mount(router, contracts.confirmEmail, null, async ({ body }) => {
    await service.confirmEmail(deps, body.code);
    return { status: 204 };
  });

  mount(router, contracts.requestPasswordReset, null, async ({ body, request }) => {
    await service.sendPasswordReset(deps, body.email, request.headers['accept-language']);
    return { status: 204 };
  });

  mount(router, contracts.resetPassword, null, async ({ body, context, request }) => {
    await service.resetPassword(deps, body, { ip: context.ip, acceptLanguage: request.headers['accept-language'] });
    return { status: 204 };
  });

  router.use(passkeyRoutes(deps));
  return router;
}
