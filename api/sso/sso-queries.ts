import type pg from 'pg';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import type { SsoBody, SsoConnection, SsoRole } from './sso.schema.ts';

/** What an envelope of the client secret belongs to. */
const secretContext = (tenantId: string): string => `sso/${tenantId}`;

export interface SsoRow {
  readonly tenant_id: string;
  readonly name: string;
  readonly issuer: string;
  readonly client_id: string;
  /** Sealed. */
  readonly client_secret: string | null;
  readonly scopes: string[];
  readonly domains: string[];
  readonly groups_claim: string | null;
  readonly group_roles: { group: string; role: SsoRole }[];
  readonly default_role: SsoRole | null;
  readonly enabled: boolean;
  readonly enforced: boolean;
  readonly last_sign_in_at: Date | null;
  readonly last_failure_at: Date | null;
  readonly last_failure: string | null;
  readonly updated_at: Date;
}

const SELECT = `SELECT c.tenant_id, c.name, c.issuer, c.client_id, c.client_secret, c.scopes, c.groups_claim, c.group_roles, c.default_role, c.enabled, c.enforced,
    c.last_sign_in_at, c.last_failure_at, c.last_failure, c.updated_at,
    ARRAY(SELECT d.domain FROM sso_domain d WHERE d.tenant_id = c.tenant_id ORDER BY d.domain) AS domains
  FROM sso_connection c`;

/** The connection of the tenant as which `sql` runs, or null. `lock`: nobody else changes it until the transaction ends. */
export async function readConnection(sql: pg.ClientBase, { lock = false } = {}): Promise<SsoRow | null> {
  const { rows } = await sql.query<SsoRow>(`${SELECT}${lock ? ' FOR UPDATE' : ''}`);
  return rows[0] ?? null;
}

/** Writes all of it; without a `clientSecret` in the body the present one stays. Answers domains that are another tenant's; then nothing counts. */
export async function writeConnection(sql: pg.ClientBase, secrets: SecretBox, tenantId: string, userId: string, body: SsoBody): Promise<string[]> {
  const sealed = body.clientSecret ? await secrets.seal(body.clientSecret, secretContext(tenantId)) : null;
  await sql.query(
    `INSERT INTO sso_connection AS c (tenant_id, name, issuer, client_id, client_secret, scopes, groups_claim, group_roles, default_role, enabled, enforced, created_by, last_updated_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
     ON CONFLICT (tenant_id) DO UPDATE SET name = excluded.name, issuer = excluded.issuer, client_id = excluded.client_id,
       client_secret = CASE WHEN $13 THEN c.client_secret ELSE excluded.client_secret END, scopes = excluded.scopes, groups_claim = excluded.groups_claim,
       group_roles = excluded.group_roles, default_role = excluded.default_role, enabled = excluded.enabled, enforced = excluded.enforced,
       last_failure = NULL, last_failure_at = NULL, updated_at = now(), last_updated_by = excluded.last_updated_by`,
    [
      ...[tenantId, body.name, body.issuer, body.clientId, sealed, [...new Set(body.scopes)], body.groupsClaim, JSON.stringify(body.groupRoles)],
      ...[body.defaultRole, body.enabled, body.enforced, userId, body.clientSecret === undefined],
    ],
  );
  const domains = [...new Set(body.domains)].sort();
  await sql.query('DELETE FROM sso_domain WHERE NOT (domain = ANY($1))', [domains]);
  await sql.query('INSERT INTO sso_domain (domain, tenant_id) SELECT unnest($1::text[]), $2 ON CONFLICT (domain) DO NOTHING', [domains, tenantId]);
  // Rows of other tenants are not seen here, so what is missing is theirs.
  const { rows } = await sql.query<{ domain: string }>('SELECT domain FROM sso_domain');
  const own = new Set(rows.map(({ domain }) => domain));
  return domains.filter((domain) => !own.has(domain));
}

export async function openSecret(secrets: SecretBox, { tenant_id: tenantId, client_secret: sealed }: SsoRow): Promise<string | null> {
  return sealed === null ? null : secrets.open(sealed, secretContext(tenantId));
}

/** As owners and admins see it. */
export function presentConnection(row: SsoRow): SsoConnection {
  return {
    name: row.name,
    issuer: row.issuer,
    clientId: row.client_id,
    clientSecret: { present: row.client_secret !== null },
    scopes: row.scopes,
    domains: row.domains,
    groupsClaim: row.groups_claim,
    groupRoles: row.group_roles,
    defaultRole: row.default_role,
    enabled: row.enabled,
    enforced: row.enforced,
    lastSignInAt: row.last_sign_in_at?.toISOString() ?? null,
    lastFailure: row.last_failure_at ? { at: row.last_failure_at.toISOString(), message: row.last_failure ?? '' } : null,
    updatedAt: row.updated_at.toISOString(),
  };
}

/** Whether an owner of the tenant can come in without the provider. */
export async function ownerHasAnotherWay(sql: pg.ClientBase): Promise<boolean> {
  const { rowCount } = await sql.query(
    `SELECT 1 FROM membership m JOIN auth."user" u ON u.id = m.user_id
     WHERE m.role = 'owner' AND m.suspended_at IS NULL AND u.disabled_at IS NULL
       AND (EXISTS (SELECT 1 FROM auth.account a WHERE a.user_id = u.id AND a.provider_id = 'credential') OR EXISTS (SELECT 1 FROM auth.passkey p WHERE p.user_id = u.id)) LIMIT 1`,
  );
  return rowCount === 1;
}
