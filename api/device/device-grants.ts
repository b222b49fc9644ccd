import { randomInt } from 'node:crypto';
import type pg from 'pg';
import { newSecret, secretHash } from '../../activities/platform/ids.ts';
import { type Database, inTransaction } from '../../prisma/client.ts';
import { recordFleetEvents } from '../../prisma/fleet-event.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { PlatformRole, ProjectGrant, Role, Scope, TenantState } from '../http/account.schema.ts';
import { audit } from '../http/audit.ts';
import { mintApiKey } from '../http/mint-api-key.ts';
import type { Actor, RequestContext } from '../http/request-context.ts';

/** How long somebody has to let a program in, and how often it may ask, in seconds. */
export const DEVICE_SECONDS = { lives: 600, interval: 5 } as const;
/** How long the key lives that a program gets, in seconds. */
export const DEVICE_KEY_SECONDS = 90 * 24 * 3600;

/** Nothing that is read or typed wrongly: no vowels, so no words either. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const HALF = 4;

/** A program that asks to be let in, as the person sees it who decides. */
export interface DeviceRequest {
  readonly device: string;
  readonly scopes: Scope[];
  readonly ip: string;
  readonly createdAt: string;
}

/** What the program is told while it may not come in: words of RFC 8628. */
export type DeviceRefusal = 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'invalid_grant';

interface GrantRow {
  readonly device: string;
  readonly scopes: Scope[];
  readonly state: 'pending' | 'approved' | 'denied';
  readonly user_id: string | null;
  readonly tenant_id: string | null;
  readonly sso: boolean;
  readonly expired: boolean;
  readonly hasty: boolean;
}

/** `BCDF-GHJK`, however it was typed; null when it can be none. */
export function readUserCode(text: string): string | null {
  const letters = text.toUpperCase().replace(/[^A-Z]/g, '');
  const isCode = letters.length === 2 * HALF && [...letters].every((letter) => ALPHABET.includes(letter));
  return isCode ? `${letters.slice(0, HALF)}-${letters.slice(HALF)}` : null;
}

/** Begins to wait. Only the program knows `deviceCode`; the person types or sees `userCode`. */
export async function beginDevice(pool: pg.Pool, { device, scopes, ip }: Omit<DeviceRequest, 'createdAt'>): Promise<{ deviceCode: string; userCode: string }> {
  const deviceCode = newSecret();
  const letters = Array.from({ length: 2 * HALF }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const userCode = `${letters.slice(0, HALF)}-${letters.slice(HALF)}`;
  await pool.query('DELETE FROM auth.device_grant WHERE expires_at < now()');
  await pool.query(
    'INSERT INTO auth.device_grant (hash, user_code, device, scopes, ip, expires_at) VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))',
    [secretHash(deviceCode), userCode, device, scopes, ip, DEVICE_SECONDS.lives],
  );
  return { deviceCode, userCode };
}

/** Throws CODE_INVALID for a code that nobody waits with. */
export async function readDevice(pool: pg.Pool, code: string): Promise<DeviceRequest> {
  const { rows } = await pool.query<{ device: string; scopes: Scope[]; ip: string; created_at: Date }>(
    "SELECT device, scopes, ip, created_at FROM auth.device_grant WHERE user_code = $1 AND state = 'pending' AND expires_at > now()",
    [readUserCode(code)],
  );
  const [row] = rows;
  if (!row) throw new Failure('CODE_INVALID', 'No program waits with that code.', { nextStep: 'Check the code, or begin again in the program.' });
  return { device: row.device, scopes: row.scopes, ip: row.ip, createdAt: row.created_at.toISOString() };
}

/** Lets a program in as a person in a tenant, or sends it away. Throws CODE_INVALID; the first decision counts. */
export async function decideDevice(
  pool: pg.Pool,
  code: string,
  decision: 'approved' | 'denied',
  by: Pick<Actor, 'userId' | 'tenantId' | 'sso'>,
): Promise<void> {
  const { rowCount } = await pool.query(
    "UPDATE auth.device_grant SET state = $2, user_id = $3, tenant_id = $4, sso = $5 WHERE user_code = $1 AND state = 'pending' AND expires_at > now()",
    [readUserCode(code), decision, by.userId, by.tenantId, by.sso === true],
  );
  if (rowCount !== 1) throw new Failure('CODE_INVALID', 'No program waits with that code.', { nextStep: 'Check the code, or begin again in the program.' });
}

/** Answers a program that asks whether it may come in: a key of its own, once, or why not. */
export async function redeemDevice(database: Database, context: RequestContext, deviceCode: string): Promise<{ secret: string } | { refusal: DeviceRefusal }> {
  const hash = secretHash(deviceCode);
  const row = await inTransaction(database.pool, (sql) => poll(sql, hash));
  if (!row) return { refusal: 'invalid_grant' };
  if (row.expired) return { refusal: 'expired_token' };
  if (row.hasty) return { refusal: 'slow_down' };
  if (row.state === 'denied') return { refusal: 'access_denied' };
  if (row.state === 'pending' || !row.tenant_id || !row.user_id) return { refusal: 'authorization_pending' };
  const { tenant_id: tenantId, user_id: userId, sso } = row;
  return database.withTenantSql(tenantId, async (sql) => {
    const member = await findMember(sql, userId, tenantId);
    // Of several that ask at the same moment one gets the key.
    const { rowCount } = await sql.query("DELETE FROM auth.device_grant WHERE hash = $1 AND state = 'approved'", [hash]);
    if (rowCount !== 1) return { refusal: 'invalid_grant' };
    if (!member) return { refusal: 'access_denied' };
    const expiresAt = new Date(Date.now() + DEVICE_KEY_SECONDS * 1000).toISOString();
    const { apiKey, secret } = await mintApiKey(sql, { tenantId, userId, name: `claw on ${row.device}`.slice(0, 100), scopes: row.scopes, expiresAt, sso });
    const subject = { kind: 'api-key', id: apiKey.id, name: apiKey.name } as const;
    const { requestId } = context;
    await recordFleetEvents(sql, '/api', [{ tenantId, type: 'api-key.created', subject, actor: { kind: 'person', id: userId }, requestId, data: {} }]);
    await audit(
      sql,
      { ...context, actor: { ...member, userId, tenantId, visiting: false, auth: 'session', scopes: row.scopes, keyId: null } },
      {
        action: 'api-key.create',
        target: apiKey.id,
        after: apiKey,
      },
    );
    return { secret };
  });
}

async function poll(sql: pg.ClientBase, hash: string): Promise<GrantRow | null> {
  const { rows } = await sql.query<GrantRow>(
    `SELECT device, scopes, state, user_id, tenant_id, sso, expires_at <= now() AS expired,
       state = 'pending' AND coalesce(last_polled_at > now() - make_interval(secs => $2), false) AS hasty
     FROM auth.device_grant WHERE hash = $1 FOR UPDATE`,
    [hash, DEVICE_SECONDS.interval - 1],
  );
  await sql.query('UPDATE auth.device_grant SET last_polled_at = now() WHERE hash = $1', [hash]);
  return rows[0] ?? null;
}

interface MemberRow {
  readonly tenantName: string;
  readonly tenantState: TenantState;
  readonly role: Role;
  readonly grants: readonly ProjectGrant[];
  readonly platformRole: PlatformRole | null;
}

async function findMember(sql: pg.ClientBase, userId: string, tenantId: string): Promise<MemberRow | null> {
  const { rows } = await sql.query<MemberRow>(
    `SELECT tenant_name AS "tenantName", tenant_state AS "tenantState", role, grants, lookup_platform_role($1) AS "platformRole"
     FROM lookup_memberships($1) WHERE tenant_id = $2`,
    [userId, tenantId],
  );
  return rows[0] ?? null;
}
