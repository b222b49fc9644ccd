import type { IncomingHttpHeaders } from 'node:http';
import { fromNodeHeaders } from 'better-auth/node';
import { Router } from 'express';
import type pg from 'pg';
import type { ClawAdapter } from '../../activities/adapters/adapter.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { audit } from '../http/audit.ts';
import { authorizeItem, type Right } from '../http/authorize.ts';
import { assertExposure } from '../http/claw-policies.ts';
import type { RouteKit } from '../http/route.ts';
import type { Sessions } from '../http/session.ts';
import type { ClawAddresses } from './claw-addresses.ts';
import { ENTER_PATH } from './enter.ts';
import { openInstance } from './entry.schema.ts';
import { issueCode } from './entry-store.ts';

export interface EntryRouteDeps {
  readonly kit: RouteKit;
  readonly sessions: Sessions;
  /** Null when this installation has no addresses for claws. */
  readonly addresses: ClawAddresses | null;
  readonly catalog: { find(sql: pg.ClientBase, type: string): Promise<ClawAdapter> };
  /** What somebody needs for the page of an instance. */
  readonly right: Right;
}

interface OpenedRow {
  readonly id: string;
  readonly slug: string;
  readonly type: string;
  readonly project_id: string;
  readonly owner_id: string | null;
}

/** The portal's way into the pages of claws. */
export function entryRoutes({ kit, sessions, addresses, catalog, right }: EntryRouteDeps): Router {
  const router = Router();
  kit.mount(router, openInstance, { ...right, looksAtItems: true }, async (call) => {
    const { actor, context, params, body } = call;
    const sessionId = await sessionOf(sessions, call.request.headers);
    if (sessionId === null) {
      const nextStep = 'Sign in to the portal and open the claw there.';
      throw new Failure('FORBIDDEN', 'Only a person in a browser opens the page of a claw, not an API key.', { nextStep });
    }
    if (!addresses) {
      const nextStep = 'Ask an operator to set CLAWS_URL; see docs/entry.md.';
      throw new Failure('GATEWAY_UNAVAILABLE', 'This installation has no addresses for the pages of claws.', { nextStep });
    }
    return call.once(async (sql) => {
      const instance = await findInstance(sql, params.id);
      authorizeItem(actor, right, { projectId: instance.project_id, ownerId: instance.owner_id });
      await assertExposure(sql, instance.project_id);
      const adapter = await catalog.find(sql, instance.type);
      if (!adapter.page) {
        const nextStep = 'Talk to it in the portal instead, if it can chat.';
        throw new Failure('NOT_FOUND', `Claws of the type ${instance.type} have no page of their own.`, { nextStep });
      }
      const entry = { tenantId: actor.tenantId, instanceId: instance.id, userId: actor.userId, sessionId, language: body.language };
      const { code, expiresAt } = await issueCode(sql, entry);
      await audit(sql, context, { action: 'instance.open', target: instance.id });
      const url = `${addresses.originOf(instance.slug)}${ENTER_PATH}`;
      return { status: 201, body: { instanceId: instance.id, url, code, expiresAt: expiresAt.toISOString() } };
    });
  });
  return router;
}

/** Id of the portal session that asks, or null when something else does. */
async function sessionOf(sessions: Sessions, headers: IncomingHttpHeaders): Promise<string | null> {
  if (headers.authorization !== undefined) return null;
  return (await sessions.api.getSession({ headers: fromNodeHeaders(headers) }))?.session.id ?? null;
}

async function findInstance(sql: pg.ClientBase, idOrSlug: string): Promise<OpenedRow> {
  const { rows } = await sql.query<OpenedRow>(
    'SELECT id, slug, type, project_id, owner_id FROM instance WHERE (id = $1 OR slug = $1) AND destroyed_at IS NULL',
    [idOrSlug],
  );
  if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such instance.');
  return rows[0];
}
