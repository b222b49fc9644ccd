import { Router } from 'express';
import type { Database } from '../../prisma/client.ts';
import { Action } from '../http/authorize.ts';
import { mailLocaleOf } from '../http/mail.ts';
import type { RouteKit } from '../http/route.ts';
import * as contracts from './invitation.schema.ts';
import { type InvitationDeps, invitePeople, resendInvitation, revokeInvitation } from './invitation.service.ts';
import { listInvitations } from './invitation-queries.ts';
import { invitationPolicy } from './member.policy.ts';

export interface InvitationRouteDeps extends InvitationDeps {
  readonly kit: RouteKit;
  readonly database: Database;
}

/** Everything under `/invitations` for those who invite. */
export function invitationRoutes({ kit, database, ...deps }: InvitationRouteDeps): Router {
  const router = Router();
  kit.mount(router, contracts.listInvitations, { action: Action.read, policy: invitationPolicy }, async ({ actor, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => listInvitations(sql, query)),
  }));
  kit.mount(router, contracts.invite, { action: Action.create, policy: invitationPolicy }, ({ body, context, request, once }) =>
    once(async (sql) => {
      const items = await invitePeople(deps, sql, context, body, body.language ?? mailLocaleOf(request.headers['accept-language']));
      const refused = items.filter(({ refusal }) => refusal !== null).length;
      return { status: 200, body: { items, invited: items.length - refused, refused } };
    }),
  );
  kit.mount(router, contracts.resendInvitation, { action: Action.update, policy: invitationPolicy }, ({ params, body, context, request, once }) =>
    once(async (sql) => ({
      status: 200,
      body: await resendInvitation(deps, sql, context, params.id, body.language ?? mailLocaleOf(request.headers['accept-language'])),
    })),
  );
  kit.mount(router, contracts.revokeInvitation, { action: Action.remove, policy: invitationPolicy }, async ({ actor, params, context }) => {
    await database.withTenantSql(actor.tenantId, (sql) => revokeInvitation(sql, context, params.id));
    return { status: 204 };
  });
  return router;
}
