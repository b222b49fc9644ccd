import { newSecret, secretHash, secretMatches } from '../../activities/platform/ids.ts';
import type { OutboundFetch } from '../../activities/platform/outbound-fetch.ts';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import { Failure, isFailure } from '../../workflows/contracts/failures.ts';
import { Entitlement } from '../../workflows/contracts/quota.ts';
import { type EnterDeps, enter } from '../http/enter.ts';
import { assertEntitled } from '../http/entitlements.ts';
import type { RequestContext } from '../http/request-context.ts';
import { admit, type Memberships } from './admit.ts';
import { authorizationUrl, type Claims, discover, type Handshake, newHandshake, redeem } from './identity-provider.ts';
import { openSecret, readConnection, type SsoRow } from './sso-queries.ts';

export interface SignInDeps extends EnterDeps {
  readonly secrets: SecretBox;
  readonly fetch: OutboundFetch;
  readonly memberships: Memberships;
  readonly callbackUrl: string;
}

/** What is remembered while somebody is away at their provider. */
interface Errand extends Handshake {
  readonly tenantId: string;
  /** The provider that was asked; an answer of another is none. */
  readonly issuer: string;
  /** Hash of what the browser was given that began. */
  readonly browserHash: string;
  /** Address of the page to go to afterwards. */
  readonly next: string;
}

const AWAY_MS = 10 * 60_000;
export const AWAY_SECONDS = AWAY_MS / 1000;

/** The provider of the domain of an address, before anybody is signed in; whether there is such an account plays no part. */
export async function findProvider(
  { database }: Pick<EnterDeps, 'database'>,
  email: string,
): Promise<{ readonly tenantId: string; readonly name: string; readonly enforced: boolean } | null> {
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  const { rows } = await database.pool.query<{ tenant_id: string; name: string; enforced: boolean }>('SELECT * FROM lookup_sso_domain($1)', [domain]);
  return rows[0] ? { tenantId: rows[0].tenant_id, name: rows[0].name, enforced: rows[0].enforced } : null;
}

/** Where to send the browser, and what only that browser is to know. Throws as its contract says. */
export async function startSignIn(deps: SignInDeps, email: string, next: string): Promise<{ readonly url: string; readonly browser: string }> {
  const provider = await findProvider(deps, email);
  if (!provider) throw new Failure('NOT_FOUND', 'Addresses of this domain do not sign in by an identity provider.', { nextStep: 'Sign in with a password.' });
  const { tenantId } = provider;
  const connection = await deps.database.withTenantSql(tenantId, async (sql) => {
    await assertEntitled(sql, tenantId, Entitlement.sso);
    return readConnection(sql);
  });
  if (!connection) throw new Failure('NOT_FOUND');
  return noting(deps, tenantId, async () => {
    const handshake = newHandshake();
    const config = await discover(deps.fetch, { ...clientOf(connection), clientSecret: null });
    const url = await authorizationUrl(config, connection, handshake, { redirectUri: deps.callbackUrl, loginHint: email });
    const browser = newSecret();
    await remember(deps, { ...handshake, tenantId, issuer: connection.issuer, browserHash: secretHash(browser), next });
    return { url: url.href, browser };
  });
}

/** Who came back from a provider, signed in. `browser`: what {@link startSignIn} gave this browser. Throws SSO_FAILED, SSO_REFUSED and what {@link admit} throws. */
export async function finishSignIn(
  deps: SignInDeps,
  context: RequestContext,
  { answered, browser, headers }: { readonly answered: URL; readonly browser: string | undefined; readonly headers: Headers },
): Promise<{ readonly cookies: string[]; readonly next: string }> {
  const errand = await recall(deps, answered.searchParams.get('state'));
  if (!errand || browser === undefined || !secretMatches(browser, errand.browserHash)) {
    throw new Failure('SSO_FAILED', 'It took too long, was done already, or was begun in another browser.');
  }
  const { tenantId, next } = errand;
  return noting(deps, tenantId, async () => {
    const connection = await deps.database.withTenantSql(tenantId, (sql) => readConnection(sql));
    if (!connection?.enabled || connection.issuer !== errand.issuer) throw new Failure('SSO_FAILED', 'The connection was changed meanwhile.');
    const claims = await ask(deps, connection, answered, errand);
    const userId = await deps.database.withTenantSql(tenantId, (sql) => admit(sql, context, connection, claims, deps.memberships));
    const cookies = await enter(deps, { userId, ssoTenantId: tenantId, headers, ip: context.ip, requestId: context.requestId });
    return { cookies, next };
  });
}

async function ask({ secrets, fetch }: SignInDeps, connection: SsoRow, answered: URL, handshake: Handshake): Promise<Claims> {
  const config = await discover(fetch, { ...clientOf(connection), clientSecret: await openSecret(secrets, connection) });
  return redeem(config, answered, handshake, connection.groups_claim);
}

function clientOf({ issuer, client_id: clientId, scopes }: SsoRow) {
  return { issuer, clientId, scopes };
}

/** Keeps with the connection why a sign-in did not work: whoever looks after it sees that, strangers do not. */
async function noting<T>({ database, logger }: SignInDeps, tenantId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = isFailure(error) ? error.message.slice(0, 500) : 'Something went wrong here.';
    await database
      .withTenantSql(tenantId, (sql) => sql.query('UPDATE sso_connection SET last_failure = $1, last_failure_at = now()', [message]))
      .catch((lost: Error) => logger.warn({ kind: lost.name }, 'why a sign-in by an identity provider did not work could not be noted'));
    throw error;
  }
}

const keyOf = (state: string): string => `sso:${secretHash(state)}`;

async function remember({ sessions }: SignInDeps, errand: Errand): Promise<void> {
  const { internalAdapter } = await sessions.$context;
  const expiresAt = new Date(Date.now() + AWAY_MS);
  await internalAdapter.createVerificationValue({ identifier: keyOf(errand.state), value: JSON.stringify(errand), expiresAt });
}

/** Once. */
async function recall({ sessions }: SignInDeps, state: string | null): Promise<Errand | null> {
  if (state === null) return null;
  const { internalAdapter } = await sessions.$context;
  const kept = await internalAdapter.consumeVerificationValue(keyOf(state));
  return kept && kept.expiresAt > new Date() ? (JSON.parse(kept.value) as Errand) : null;
}
