import { Router } from 'express';
import type pg from 'pg';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { PlatformRole } from '../http/account.schema.ts';
import { audit } from '../http/audit.ts';
import { Action } from '../http/authorize.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import type { RouteKit } from '../http/route.ts';
import { givePlatformRole, listPlatformRoles, type PlatformPerson, takePlatformRole } from './platform-role.schema.ts';
import { platformPolicy } from './tenant.policy.ts';

export interface PlatformRoleDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  /** Role clawloops_system: no tenant's transaction sees who looks after the platform. */
  readonly systemPool: pg.Pool;
}

/** Who looks after the whole installation. */
export function platformRoleRoutes({ kit: { mount }, database, systemPool }: PlatformRoleDeps): Router {
  const router = Router();
  mount(router, listPlatformRoles, { action: Action.read, policy: platformPolicy }, async () => ({
    status: 200,
    body: { items: await listPeople(systemPool, database.pool) },
  }));
  mount(router, givePlatformRole, { action: Action.update, policy: platformPolicy }, async ({ body, context, once }) => {
    const reply = await once(async (sql) => {
      const { rows } = await sql.query<{ id: string }>('SELECT id FROM auth."user" WHERE email = $1', [body.email.toLowerCase()]);
      const userId = rows[0]?.id;
      if (!userId) throw new Failure('NOT_FOUND', `Nobody has an account with ${body.email}.`, { nextStep: 'Invite them to a tenant first.' });
      const before = await change(sql, context, userId, body.role);
      await audit(sql, context, { action: 'platform-role.give', target: userId, before, after: { role: body.role } });
      return { status: 201, body: userId };
    });
    return { ...reply, body: (await listPeople(systemPool, database.pool)).find(({ userId }) => userId === reply.body) };
  });
  mount(router, takePlatformRole, { action: Action.update, policy: platformPolicy }, ({ params, context, once }) =>
    once(async (sql) => {
      const before = await change(sql, context, params.userId, null);
      if (!before) throw new Failure('NOT_FOUND', 'They have no role on the platform.');
      await audit(sql, context, { action: 'platform-role.take', target: params.userId, before });
      return { status: 204 };
    }),
  );
  return router;
}

/** Gives, changes or (null) takes a role and answers the one before. Throws STILL_IN_USE when nobody would be admin any more. */
async function change(sql: pg.ClientBase, context: RequestContext, userId: string, role: PlatformRole | null): Promise<{ readonly role: PlatformRole } | null> {
  try {
    const { rows } = await sql.query<{ role: PlatformRole | null }>('SELECT change_platform_role($1, $2, $3) AS role', [userId, role, actorOf(context).userId]);
    return rows[0]?.role ? { role: rows[0].role } : null;
  } catch (error) {
    if ((error as { constraint?: string }).constraint !== 'platform_role_last_admin') throw error;
    throw new Failure('STILL_IN_USE', 'The platform keeps at least one administrator.', { nextStep: 'Make somebody else an administrator first.' });
  }
}

async function listPeople(systemPool: pg.Pool, pool: pg.Pool): Promise<PlatformPerson[]> {
  const { rows } = await systemPool.query<{ userId: string; role: PlatformRole; since: Date }>(
    'SELECT user_id AS "userId", role, created_at AS since FROM platform_role',
  );
  const found = await pool.query<{ id: string; name: string; email: string }>('SELECT id, name, email FROM auth."user" WHERE id = ANY($1) ORDER BY name, id', [
    rows.map(({ userId }) => userId),
  ]);
  return found.rows.flatMap(({ id, name, email }) =>
    rows.filter(({ userId }) => userId === id).map(({ role, since }) => ({ userId: id, name, email, role, since: since.toISOString() })),
  );
}
