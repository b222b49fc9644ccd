import type pg from 'pg';
import { secretMatches } from '../../activities/platform/ids.ts';
import { type Database, inTransaction } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { type ApiKeyView, PlatformRole, Role, Scope, TenantState } from '../http/account.schema.ts';
import { audit } from '../http/audit.ts';
import { recordDeed } from '../http/fleet-events.ts';
import { mintApiKey } from '../http/mint-api-key.ts';
import type { Actor, RequestContext } from '../http/request-context.ts';
import { passwordFailureOf, type Sessions } from '../http/session.ts';
import type { SetupBody } from './setup.schema.ts';

export interface SetupDeps {
  readonly database: Database;
  /** Sessions that may make an account: used here and nowhere else. */
  readonly founders: Sessions;
}

export interface SetupResult {
  readonly user: { readonly id: string; readonly name: string; readonly email: string };
  readonly tenant: { readonly id: string; readonly name: string };
  readonly cookies: readonly string[];
  readonly apiKey?: ApiKeyView;
  readonly secret?: string;
}

interface CodeRow {
  readonly hash: string;
  readonly used_at: Date | null;
}

/** Whether a set-up code waits to be used. */
export async function setupNeeded({ database }: SetupDeps): Promise<boolean> {
  const { rows } = await database.pool.query<CodeRow>("SELECT hash, used_at FROM auth.setup_code WHERE id = 'setup'");
  return rows[0] !== undefined && rows[0].used_at === null;
}

/**
 * Makes the first administrator, once: the row of the code is locked, so of several at the same time one wins. Throws
 * SETUP_CODE_INVALID, SETUP_DONE. When anything fails the code stays good and no account is left behind.
 */
export async function setUp({ database, founders }: SetupDeps, context: RequestContext, body: SetupBody, withKey: boolean): Promise<SetupResult> {
  const made = await inTransaction(database.pool, async (sql) => {
    await assertCode(sql, body.code);
    await removeLeftover(database, sql, body.email);
    const { response, headers } = await founders.api
      .signUpEmail({ body: { name: body.name, email: body.email, password: body.password }, returnHeaders: true })
      .catch((error: unknown) => {
        throw passwordFailureOf(error, '/password');
      });
    const { id, name, email } = response.user;
    try {
      const { rows } = await sql.query<{ tenant: string }>('SELECT adopt_first_owner($1) AS tenant', [id]);
      await sql.query("UPDATE auth.setup_code SET used_at = now() WHERE id = 'setup'");
      return { user: { id, name, email }, tenantId: rows[0]?.tenant ?? '', cookies: headers.getSetCookie() };
    } catch (error) {
      await database.root.user.delete({ where: { id } });
      throw (error as { code?: string }).code === '23505' ? new Failure('SETUP_DONE') : error;
    }
  });
  return welcome(database, context, made, withKey);
}

async function assertCode(sql: pg.ClientBase, code: string): Promise<void> {
  const { rows } = await sql.query<CodeRow>("SELECT hash, used_at FROM auth.setup_code WHERE id = 'setup' FOR UPDATE");
  const [stored] = rows;
  if (!stored || stored.used_at) throw new Failure('SETUP_DONE');
  if (!secretMatches(code, stored.hash)) throw new Failure('SETUP_CODE_INVALID');
}

/** An account that a broken-off set-up left behind belongs to nothing and may be replaced. */
async function removeLeftover(database: Database, sql: pg.ClientBase, email: string): Promise<void> {
  const user = await database.root.user.findUnique({ where: { email: email.toLowerCase() }, select: { id: true } });
  if (!user) return;
  const { rowCount } = await sql.query('SELECT 1 FROM lookup_memberships($1)', [user.id]);
  if (!rowCount) await database.root.user.delete({ where: { id: user.id } });
}

interface Made {
  readonly user: SetupResult['user'];
  readonly tenantId: string;
  readonly cookies: readonly string[];
}

async function welcome(database: Database, context: RequestContext, { user, tenantId, cookies }: Made, withKey: boolean): Promise<SetupResult> {
  return database.withTenantSql(tenantId, async (sql) => {
    const { rows } = await sql.query<{ id: string; name: string }>('SELECT id, name FROM tenant');
    const tenant = rows[0] ?? { id: tenantId, name: '' };
    const actor: Actor = {
      userId: user.id,
      tenantId,
      tenantName: tenant.name,
      tenantState: TenantState.active,
      role: Role.owner,
      grants: [],
      platformRole: PlatformRole.admin,
      visiting: false,
      auth: 'session',
      scopes: Object.values(Scope),
      keyId: null,
    };
    const key = withKey
      ? await mintApiKey(sql, { tenantId, userId: user.id, name: 'set-up', scopes: Object.values(Scope), expiresAt: null, sso: false })
      : null;
    const asFounder = { ...context, actor };
    if (key) await recordDeed(sql, asFounder, { type: 'api-key.created', subject: { kind: 'api-key', id: key.apiKey.id, name: key.apiKey.name }, data: {} });
    await audit(sql, asFounder, { action: 'platform.set-up', target: tenantId, after: { user: user.id } });
    return { user, tenant, cookies, ...key };
  });
}
