import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import { Role } from '../http/account.schema.ts';
import type { RequestContext } from '../http/request-context.ts';
import { type InvitationDeps, invitePeople } from './invitation.service.ts';

/** Invites the first owner of a new tenant; answers the link to hand over. Throws why they cannot be invited. */
export function inviteOwnerBy(deps: InvitationDeps): (sql: pg.ClientBase, context: RequestContext, email: string) => Promise<string | null> {
  return async (sql, context, email) => {
    const [item] = await invitePeople(deps, sql, context, { emails: [email], role: Role.owner, grants: [] }, 'en');
    if (item?.refusal) throw new Failure(item.refusal.code, item.refusal.message, { nextStep: item.refusal.nextStep });
    return item?.link ?? null;
  };
}
