import { Router } from 'express';
import type { OutboundGuard } from '../../activities/platform/outbound.ts';
import { createOutboundFetch, type OutboundFetch } from '../../activities/platform/outbound-fetch.ts';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import type { Database } from '../../prisma/client.ts';
import { Entitlement } from '../../workflows/contracts/quota.ts';
import { Action } from '../http/authorize.ts';
import { assertEntitled } from '../http/entitlements.ts';
import type { RouteKit } from '../http/route.ts';
import { checkIssuer } from './identity-provider.ts';
import { ssoPolicy as policy } from './sso.policy.ts';
import * as contracts from './sso.schema.ts';
import { assertSecretFits, deleteSso, putSso, showSso } from './sso.service.ts';
import { openSecret, readConnection } from './sso-queries.ts';
import { tryProvider } from './try-provider.ts';

export interface SsoDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  readonly secrets: SecretBox;
  /** Where identity providers may be. */
  readonly outbound: OutboundGuard;
  readonly publicUrl: string;
}

/** How a provider is asked: nobody waits long for one, and none sends much. */
export function providerFetch(outbound: OutboundGuard): OutboundFetch {
  return createOutboundFetch(outbound, { timeoutMs: 10_000, maxBytes: 2 ** 20 });
}

/** Where providers send browsers back to. */
export function callbackUrlOf(publicUrl: string): string {
  return new URL('/api/v1/sso/callback', publicUrl).href;
}

/** The identity provider of the tenant, for those who look after it. */
export function ssoRoutes({ kit: { mount }, database, secrets, outbound, publicUrl }: SsoDeps): Router {
  const router = Router();
  const callbackUrl = callbackUrlOf(publicUrl);
  const fetch = providerFetch(outbound);

  mount(router, contracts.getSso, { action: Action.read, policy }, async ({ actor: { tenantId } }) => ({
    status: 200,
    body: await database.withTenantSql(tenantId, (sql) => showSso(sql, tenantId, callbackUrl)),
  }));

  mount(router, contracts.putSso, { action: Action.update, policy }, async ({ actor: { tenantId }, context, body }) => {
    checkIssuer(body.issuer);
    await outbound.check(body.issuer, '/issuer');
    const view = await database.withTenantSql(tenantId, async (sql) => {
      await putSso(sql, secrets, context, body);
      return showSso(sql, tenantId, callbackUrl);
    });
    return { status: 200, body: view };
  });

  mount(router, contracts.deleteSso, { action: Action.remove, policy }, async ({ actor: { tenantId }, context }) => {
    await database.withTenantSql(tenantId, (sql) => deleteSso(sql, context));
    return { status: 204 };
  });

  mount(router, contracts.testSso, { action: Action.use, policy }, async ({ actor: { tenantId }, body }) => {
    checkIssuer(body.issuer);
    await outbound.check(body.issuer, '/issuer');
    const kept = await database.withTenantSql(tenantId, async (sql) => {
      await assertEntitled(sql, tenantId, Entitlement.sso);
      return readConnection(sql);
    });
    assertSecretFits(kept, body);
    const clientSecret = body.clientSecret === undefined && kept ? await openSecret(secrets, kept) : (body.clientSecret ?? null);
    const checks = await tryProvider(fetch, { ...body, clientSecret }, callbackUrl);
    return { status: 200, body: { ok: checks.every(({ state }) => state === 'passed'), checks } };
  });

  return router;
}
