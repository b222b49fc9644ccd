import { Router } from 'express';
import type { Database } from '../../prisma/client.ts';
import { EventType } from '../../workflows/contracts/events.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { Action } from '../http/authorize.ts';
import { enqueueEvent } from '../http/outbox.ts';
import type { Actor } from '../http/request-context.ts';
import type { RouteKit } from '../http/route.ts';
import { notificationPolicy } from './notification.policy.ts';
import * as contracts from './notification.schema.ts';
import { listNotifications, settingsOf } from './notification-queries.ts';

const look = { action: Action.read, policy: notificationPolicy } as const;
const change = { action: Action.update, policy: notificationPolicy } as const;

/** Everything under `/me/notifications` and `/me/notification-settings`: the caller's own in this tenant. */
export function notificationRoutes({ kit: { mount }, database }: { readonly kit: RouteKit; readonly database: Database }): Router {
  const router = Router();
  mount(router, contracts.listNotifications, look, async ({ actor, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => listNotifications(sql, readerOf(actor), query)),
  }));
  mount(router, contracts.readNotifications, change, async ({ actor, body, once }) => {
    const userId = readerOf(actor);
    return once(async (sql) => {
      const { rowCount } = await sql.query(
        'UPDATE notification SET read_at = now() WHERE user_id = $1 AND read_at IS NULL AND ($2::text[] IS NULL OR id = ANY ($2))',
        [userId, body.ids ?? null],
      );
      if (rowCount) await enqueueEvent(sql, actor.tenantId, EventType.notificationUpdated, userId);
      return { status: 204 };
    });
  });
  mount(router, contracts.getNotificationSettings, look, async ({ actor }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => settingsOf(sql, readerOf(actor))),
  }));
  mount(router, contracts.putNotificationSettings, change, async ({ actor, body }) => {
    const userId = readerOf(actor);
    await database.withTenantSql(actor.tenantId, (sql) =>
      sql.query(
        `INSERT INTO notification_setting (tenant_id, user_id, portal, mail, locale) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, user_id) DO UPDATE SET portal = excluded.portal, mail = excluded.mail, locale = excluded.locale`,
        [actor.tenantId, userId, body.portal, body.mail, body.locale],
      ),
    );
    return { status: 200, body };
  });
  return router;
}

/** Whose notifications they are. Throws FORBIDDEN for a key of single projects: they tell of everything that its owner sees. */
function readerOf({ userId, keyLimits }: Actor): string {
  if (keyLimits?.projectIds) throw new Failure('FORBIDDEN', 'An API key of single projects does not reach the notifications of its owner.');
  return userId;
}
