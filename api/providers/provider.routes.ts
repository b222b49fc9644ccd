import { Router } from 'express';
import type { OutboundGuard } from '../../activities/platform/outbound.ts';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import type { Database } from '../../prisma/client.ts';
import { Action } from '../http/authorize.ts';
import type { RouteKit } from '../http/route.ts';
import { providerPolicy as policy } from './provider.policy.ts';
import * as contracts from './provider.schema.ts';
import * as service from './provider.service.ts';

export interface ProviderRouteDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  readonly secrets: SecretBox;
  /** Where a provider may be. */
  readonly outbound: OutboundGuard;
}

/** Model providers of the tenant and the models they offer. */
export function providerRoutes({ kit: { mount }, database, secrets, outbound }: ProviderRouteDeps): Router {
  const router = Router();

  mount(router, contracts.listProviders, { action: Action.read, policy }, async ({ actor, query }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => service.listProviders(sql, query)),
  }));

  mount(router, contracts.createProvider, { action: Action.create, policy }, async ({ body, context, once }) => {
    service.checkBody(body);
    if (body.baseUrl !== undefined) await outbound.check(body.baseUrl);
    return once(async (sql) => {
      const provider = await service.createProvider(sql, secrets, context, body);
      return { status: 201, body: provider, headers: { Location: `/api/v1/providers/${provider.id}` } };
    });
  });

  mount(router, contracts.getProvider, { action: Action.read, policy }, async ({ actor, params }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => service.getProvider(sql, params.id)),
  }));

  mount(router, contracts.deleteProvider, { action: Action.remove, policy }, async ({ actor, context, params }) => {
    await database.withTenantSql(actor.tenantId, (sql) => service.deleteProvider(sql, context, params.id));
    return { status: 204 };
  });

  mount(router, contracts.verifyProvider, { action: Action.operate, policy }, ({ context, params, once }) =>
    once(async (sql) => ({ status: 202, body: await service.verifyProvider(sql, context, params.id) })),
  );

  mount(router, contracts.listModels, { action: Action.read, policy }, async ({ actor }) => ({
    status: 200,
    body: { items: await database.withTenantSql(actor.tenantId, service.listModels) },
  }));

  return router;
}
