import { Router } from 'express';
import { bodies } from '../http/body.ts';
import type { RouteKit } from '../http/route.ts';
import { type AcceptDeps, acceptInvitation, previewInvitation } from './accept-invitation.ts';
import * as contracts from './invitation.schema.ts';

/**
 * What somebody with the code of a link may do. It stands before the authentication of everything else, because whoever has an account and
 * belongs to no tenant is refused there.
 */
export function acceptRoutes({ kit, ...deps }: AcceptDeps & { readonly kit: RouteKit }): Router {
  const router = Router();
  router.use(['/invitations/preview', '/invitations/accept'], bodies());
  kit.mount(router, contracts.previewInvitation, null, async ({ body, request }) => ({
    status: 200,
    body: await previewInvitation(deps, body.code, request),
  }));
  kit.mount(router, contracts.acceptInvitation, null, async ({ body, context, request }) => {
    const { acceptance, cookies } = await acceptInvitation(deps, context, body, request);
    for (const cookie of cookies) request.res?.appendHeader('Set-Cookie', cookie);
    return { status: 200, body: acceptance };
  });
  return router;
}
