import type { IncomingMessage } from 'node:http';
import { fromNodeHeaders } from 'better-auth/node';
import type { RequestHandler } from 'express';
import { secretMatches } from '../../activities/platform/ids.ts';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { type PlatformRole, type ProjectGrant, Role, Scope, type TenantState } from './account.schema.ts';
import { atMostEvery } from './at-most-every.ts';
import { audit } from './audit.ts';
import { limitedTo } from './key-limits.ts';
import { isSafeMethod, isSameOrigin } from './origins.ts';
import { type Actor, contextOf, requestIdOf } from './request-context.ts';
import type { Sessions } from './session.ts';

/** Finds out who makes a request. */
export interface Authenticator {
  /**
   * The caller, or null when the request carries no credential. Throws UNAUTHENTICATED for a wrong, expired or revoked one,
   * FORBIDDEN for a cookie from another site, NOT_FOUND for a tenant that is not the caller's. `strictOrigin`: also reads need
   * the portal's origin, as for WebSockets, which no browser protects by itself; they may name their tenant as `?tenant=`, as
   * reads may too, because no browser sends headers with them. A visit of somebody of the platform to a tenant is noted in its audit, under `requestId`.
   */
  authenticate(request: IncomingMessage, options?: { readonly strictOrigin?: boolean; readonly requestId?: string }): Promise<Authenticated | null>;
}

export interface Authenticated {
  readonly actor: Actor;
  /** A prolonged session's cookies. */
  readonly cookies: readonly string[];
}

export interface AuthOptions {
  readonly database: Database;
  readonly sessions: Sessions;
  readonly origins: readonly string[];
  readonly now?: () => number;
}

const KEY_FORM = /^clp_([0-9a-hjkmnp-tv-z]{20})_([A-Za-z0-9_-]{43})$/;
const LAST_USED_EVERY_MS = 60_000;
const VISIT_NOTED_EVERY_MS = 15 * 60_000;

export function createAuthenticator({ database, sessions, origins, now = Date.now }: AuthOptions): Authenticator {
  const uses = atMostEvery(LAST_USED_EVERY_MS, now);
  const visits = atMostEvery(VISIT_NOTED_EVERY_MS, now);

  async function byKey(header: string, tenant: string | undefined): Promise<Authenticated> {
    const [, body, secret] = KEY_FORM.exec(header.replace(/^Bearer\s+/i, '')) ?? [];
    if (!body || !secret) throw new Failure('UNAUTHENTICATED', 'The Authorization header holds no API key of the form clp_….');
    const { rows } = await database.pool.query<KeyRow>({ name: 'lookup-api-key', text: LOOKUP_KEY, values: [`${IdPrefix.apiKey}_${body}`] });
    const [key] = rows;
    if (!key || !secretMatches(secret, key.hash)) throw new Failure('UNAUTHENTICATED', 'There is no such API key.');
    if (key.revoked_at) throw new Failure('UNAUTHENTICATED', 'The API key was revoked.');
    if (key.expires_at && key.expires_at.getTime() <= now()) throw new Failure('UNAUTHENTICATED', 'The API key has expired.');
    if (!key.role) throw new Failure('UNAUTHENTICATED', 'The owner of the API key is no longer a member of the tenant.');
    if (!key.vouched) throw new Failure('UNAUTHENTICATED', 'The identity provider that the owner of the API key came by does not let them in any more.');
    if (tenant !== undefined && tenant !== key.tenant_id) throw new Failure('NOT_FOUND', 'The API key belongs to another tenant.');
    touch(key);
    const scopes = key.scopes.filter((scope) => scope === Scope.read || scope === Scope.write);
    const limits = { role: key.key_role, projectIds: key.key_projects };
    const place = placeOf({ ...key, role: key.role });
    const may = limitedTo({ ...place, platformRole: key.sso ? null : key.platform_role }, limits);
    const sso = key.sso ? { sso: true } : {};
    return { actor: { ...place, ...may, ...sso, userId: key.user_id, auth: 'key', scopes, keyId: key.id, keyLimits: limits }, cookies: [] };
  }

  /** Notes the use at most once a minute; a failure to note it fails no request. */
  function touch({ id, tenant_id: tenantId }: KeyRow): void {
    if (!uses.isDue(id)) return;
    uses.noted(id);
    database
      .withTenantSql(tenantId, (sql) =>
        sql.query("UPDATE api_key SET last_used_at = now() WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')", [id]),
      )
      .catch(() => uses.forget(id));
  }

  /** Where somebody of the platform is who does not belong to the tenant that they name, or to none; throws for everybody else. */
  async function visit(userId: string, tenant: string | undefined): Promise<Place & PlatformRow> {
    const { rows } = await database.pool.query<PlatformRow>('SELECT lookup_platform_role($1) AS platform_role', [userId]);
    const platformRole = rows[0]?.platform_role ?? null;
    if (tenant === undefined) {
      if (!platformRole) throw new Failure('FORBIDDEN', 'You are not a member of any tenant.');
      return { ...NOWHERE, platform_role: platformRole };
    }
    const visited = platformRole ? await database.pool.query<Omit<Place, 'role' | 'grants'>>('SELECT * FROM lookup_visit($1, $2)', [userId, tenant]) : null;
    const [found] = visited?.rows ?? [];
    if (!found) throw new Failure('NOT_FOUND', 'You are not a member of that tenant.');
    return { ...found, role: Role.viewer, grants: [], visiting: true, platform_role: platformRole };
  }

  /** Once in a while for each person and tenant; without a note there is no visit. */
  async function noteVisit(actor: Actor, request: IncomingMessage, requestId: string): Promise<void> {
    const key = `${actor.userId} ${actor.tenantId}`;
    if (!visits.isDue(key)) return;
    const context = { requestId, ip: request.socket.remoteAddress ?? '', actor };
    await database.withTenantSql(actor.tenantId, (sql) => audit(sql, context, { action: 'tenant.visit', target: actor.tenantId }));
    visits.noted(key);
  }

  async function bySession(request: IncomingMessage, tenant: string | undefined): Promise<Authenticated | null> {
    const { response, headers } = await sessions.api.getSession({ headers: fromNodeHeaders(request.headers), returnHeaders: true });
    if (!response) return null;
    if (response.user.mustChangePassword) throw new Failure('PASSWORD_CHANGE_REQUIRED');
    const { ssoTenantId } = response.session;
    const { rows } = await database.pool.query<MembershipRow>({ name: 'lookup-memberships', text: LOOKUP_MEMBERSHIPS, values: [response.user.id] });
    // Whoever runs the identity provider of one tenant could name anybody: such a session is good in that tenant only.
    const within = rows.filter((row) => (ssoTenantId ? row.tenant_id === ssoTenantId : !row.sso_required));
    const membership = tenant === undefined ? within[0] : within.find((row) => row.tenant_id === tenant);
    if (!membership && ssoTenantId) throw new Failure('NOT_FOUND', 'Your organization signed you in to another tenant, or you belong to it no longer.');
    if (!membership && isLeftToSso(rows, tenant)) throw new Failure('SSO_REQUIRED');
    const place = membership ?? (await visit(response.user.id, tenant));
    const actor: Actor = {
      ...placeOf(place),
      userId: response.user.id,
      platformRole: ssoTenantId ? null : place.platform_role,
      auth: 'session',
      ...(ssoTenantId ? { sso: true } : {}),
      scopes: Object.values(Scope),
      keyId: null,
      keyLimits: null,
    };
    return { actor, cookies: headers?.getSetCookie() ?? [] };
  }

  return {
    authenticate: async (request, { strictOrigin = false, requestId } = {}) => {
      const tenant = namedTenant(request, strictOrigin);
      const { authorization, cookie } = request.headers;
      if (authorization !== undefined) return byKey(authorization, tenant);
      if (!cookie) return null;
      const authenticated = await bySession(request, tenant);
      const unsafe = strictOrigin || !isSafeMethod(request.method);
      if (authenticated && unsafe && !isSameOrigin(request, origins))
        throw new Failure('FORBIDDEN', 'A request with a cookie must come from the portal itself.');
      if (authenticated?.actor.visiting) await noteVisit(authenticated.actor, request, requestId ?? requestIdOf(request));
      return authenticated;
    },
  };
}

/** By header, or by `?tenant=` where a browser sends none: with sockets, and with what it downloads. */
function namedTenant(request: IncomingMessage, isSocket: boolean): string | undefined {
  const header = request.headers['x-tenant'];
  if (typeof header === 'string') return header;
  if (!isSocket && request.method !== 'GET') return undefined;
  return URL.parse(request.url ?? '', 'http://api')?.searchParams.get('tenant') || undefined;
}

/** The tenant has been read: routes, which refuse what they do not know, see the rest. */
function withoutTenant(url: string): string {
  const [path = '', query] = url.split('?', 2);
  if (!query?.includes('tenant=')) return url;
  const parameters = new URLSearchParams(query);
  parameters.delete('tenant');
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}

/** Puts the caller into the request's context; whether one is needed is the route's matter. */
export function authentication(authenticator: Authenticator): RequestHandler {
  return async (request, response, next) => {
    const authenticated = await authenticator.authenticate(request, { requestId: contextOf(response).requestId });
    if (request.method === 'GET') request.url = withoutTenant(request.url);
    if (authenticated) {
      contextOf(response).actor = authenticated.actor;
      for (const cookie of authenticated.cookies) response.appendHeader('Set-Cookie', cookie);
    }
    next();
  };
}

/** Whether the person belongs where they want to be, and has to come by the identity provider there. Who looks after the platform may be nowhere. */
function isLeftToSso(rows: readonly MembershipRow[], tenant: string | undefined): boolean {
  if (tenant === undefined) return rows.length > 0 && rows[0]?.platform_role === null;
  return rows.some((row) => row.tenant_id === tenant);
}

/** Whoever looks after the platform and belongs to no tenant sees no tenant's rows. */
const NOWHERE: Place = { tenant_id: '', tenant_name: '', tenant_state: 'active', role: Role.member, grants: [] };

function placeOf(place: Place): Pick<Actor, 'tenantId' | 'tenantName' | 'tenantState' | 'role' | 'grants' | 'visiting'> {
  return {
    tenantId: place.tenant_id,
    tenantName: place.tenant_name,
    tenantState: place.tenant_state,
    role: place.role,
    grants: place.grants,
    visiting: place.visiting === true,
  };
}

const LOOKUP_MEMBERSHIPS = 'SELECT m.*, lookup_platform_role($1) AS platform_role FROM lookup_memberships($1) m';

const LOOKUP_KEY = `SELECT k.id, k.tenant_id, k.user_id, k.hash, k.scopes, k.expires_at, k.revoked_at, k.key_role, k.key_projects, k.sso, k.vouched, m.role, m.tenant_name, m.tenant_state, m.grants,
    lookup_platform_role(k.user_id) AS platform_role
  FROM lookup_api_key($1) k LEFT JOIN LATERAL (SELECT * FROM lookup_memberships(k.user_id)) m ON m.tenant_id = k.tenant_id`;

/** Where somebody is and as what. */
interface Place {
  readonly tenant_id: string;
  readonly tenant_name: string;
  readonly tenant_state: TenantState;
  readonly role: Role;
  readonly grants: readonly ProjectGrant[];
  readonly visiting?: true;
}

interface PlatformRow {
  readonly platform_role: PlatformRole | null;
}

interface MembershipRow extends Place, PlatformRow {
  /** Only the identity provider of the tenant leads there. */
  readonly sso_required: boolean;
}

interface KeyRow extends PlatformRow, Omit<Place, 'role'> {
  readonly id: string;
  readonly user_id: string;
  readonly hash: string;
  readonly scopes: readonly Scope[];
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly key_role: Role | null;
  readonly key_projects: readonly string[] | null;
  /** A session made it that came by the identity provider of the tenant. */
  readonly sso: boolean;
  /** False: that provider speaks for its owner no longer. */
  readonly vouched: boolean;
  readonly role: Role | null;
}
