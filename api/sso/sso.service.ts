import type pg from 'pg';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { Entitlement } from '../../workflows/contracts/quota.ts';
import { audit } from '../http/audit.ts';
import { assertEntitled, entitled } from '../http/entitlements.ts';
import { actorOf, type RequestContext } from '../http/request-context.ts';
import type { SsoBody, SsoView } from './sso.schema.ts';
import { ownerHasAnotherWay, presentConnection, readConnection, type SsoRow, writeConnection } from './sso-queries.ts';

/** How people of the tenant as which `sql` runs come in. */
export async function showSso(sql: pg.ClientBase, tenantId: string, callbackUrl: string): Promise<SsoView> {
  const row = await readConnection(sql);
  return { callbackUrl, entitled: await entitled(sql, tenantId, Entitlement.sso), connection: row && presentConnection(row) };
}

/** Throws NOT_ENTITLED, NAME_TAKEN for a domain of another tenant, VALIDATION_FAILED; then nothing is kept. */
export async function putSso(sql: pg.ClientBase, secrets: SecretBox, context: RequestContext, body: SsoBody): Promise<void> {
  const { tenantId, userId } = actorOf(context);
  await assertEntitled(sql, tenantId, Entitlement.sso);
  const before = await readConnection(sql, { lock: true });
  assertSecretFits(before, body);
  if (body.enforced && !(await ownerHasAnotherWay(sql))) {
    const message = 'needs an owner who can come in with a password or a passkey';
    throw new Failure('VALIDATION_FAILED', `/enforced: ${message}`, {
      errors: [{ path: '/enforced', message }],
      nextStep: 'Let an owner choose a password first, so that a provider that is broken locks nobody out.',
    });
  }
  const taken = await writeConnection(sql, secrets, tenantId, userId, body);
  if (taken.length > 0) {
    const errors = body.domains.flatMap((domain, at) => (taken.includes(domain) ? [{ path: `/domains/${at}`, message: 'leads to another tenant' }] : []));
    throw new Failure('NAME_TAKEN', `${taken.join(', ')} leads to another tenant already.`, {
      errors,
      nextStep: 'Take it out, or ask an administrator of the platform whose it is.',
    });
  }
  const after = await readConnection(sql);
  await audit(sql, context, { action: 'sso.set', target: tenantId, before: before && presentConnection(before), after: after && presentConnection(after) });
}

/** The kept secret goes nowhere but to the provider that it was given for. Throws VALIDATION_FAILED when it would. */
export function assertSecretFits(kept: SsoRow | null, { issuer, clientSecret }: Pick<SsoBody, 'issuer' | 'clientSecret'>): void {
  if (!kept?.client_secret || clientSecret !== undefined || kept.issuer === issuer) return;
  const message = 'is needed again, because the issuer is another';
  throw new Failure('VALIDATION_FAILED', `/clientSecret: ${message}`, { errors: [{ path: '/clientSecret', message }] });
}

/** Ends the sessions that came by it, too. Throws NOT_FOUND. */
export async function deleteSso(sql: pg.ClientBase, context: RequestContext): Promise<void> {
  const { tenantId } = actorOf(context);
  const before = await readConnection(sql, { lock: true });
  if (!before) throw new Failure('NOT_FOUND', 'The tenant has no identity provider.');
  await sql.query('DELETE FROM sso_connection');
  await sql.query('DELETE FROM auth.session WHERE sso_tenant_id = $1', [tenantId]);
  await audit(sql, context, { action: 'sso.remove', target: tenantId, before: presentConnection(before) });
}
