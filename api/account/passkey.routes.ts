import { fromNodeHeaders } from 'better-auth/node';
import { Router } from 'express';
import { SecurityChange } from '../../workflows/contracts/mail.ts';
import { Action } from '../http/authorize.ts';
import { enter } from '../http/enter.ts';
import type { RouteKit } from '../http/route.ts';
import { accountPolicy as policy } from './account.policy.ts';
import type { AccountDeps } from './account.service.ts';
import { ownAccount } from './own-session.ts';
import * as contracts from './passkey.schema.ts';
import * as passkeys from './passkeys.ts';

/** `/account/passkeys`: adding and removing one's own, and signing in with one. */
export function passkeyRoutes(deps: AccountDeps & { readonly kit: RouteKit }): Router {
  const { kit, sessions, onSecurityChange } = deps;
  const router = Router();

  kit.mount(router, contracts.listPasskeys, { action: Action.read, policy }, async ({ request }) => ({
    status: 200,
    body: { items: await passkeys.listPasskeys(deps, (await ownAccount(sessions, request)).user.id) },
  }));

  kit.mount(router, contracts.beginPasskey, { action: Action.create, policy }, async ({ request }) => ({
    status: 200,
    body: await passkeys.beginRegistration(deps, (await ownAccount(sessions, request)).user),
  }));

  kit.mount(router, contracts.addPasskey, { action: Action.create, policy }, async ({ request, body }) => {
    const { user } = await ownAccount(sessions, request);
    const added = await passkeys.finishRegistration(deps, user, body);
    await onSecurityChange(user, SecurityChange.passkeyAdded, request.headers['accept-language']);
    return { status: 201, body: added };
  });

  kit.mount(router, contracts.removePasskey, { action: Action.remove, policy }, async ({ request, params }) => {
    const { user } = await ownAccount(sessions, request);
    await passkeys.removePasskey(deps, user.id, params.id);
    await onSecurityChange(user, SecurityChange.passkeyRemoved, request.headers['accept-language']);
    return { status: 204 };
  });

  kit.mount(router, contracts.beginPasskeySignIn, null, async () => ({ status: 200, body: await passkeys.beginSignIn(deps) }));

  kit.mount(router, contracts.signInWithPasskey, null, async ({ body, context, request }) => {
    const userId = await passkeys.finishSignIn(deps, body);
    const cookies = await enter(deps, { userId, ssoTenantId: null, headers: fromNodeHeaders(request.headers), ...context });
    for (const cookie of cookies) request.res?.appendHeader('Set-Cookie', cookie);
    return { status: 204 };
  });
  return router;
}
