import { Router } from 'express';
import type pg from 'pg';
import type { SecretBox } from '../../activities/platform/secrets.ts';
import type { Database } from '../../prisma/client.ts';
import { Action } from '../http/authorize.ts';
import { configSecretPolicy } from '../http/config-secret.policy.ts';
import type { Reply, RouteKit } from '../http/route.ts';
import * as contracts from './config.contracts.ts';
import { configPolicy as policy } from './config.policy.ts';
import * as service from './config.service.ts';
import * as queries from './config-queries.ts';
import { deleteSecret, listSecrets, putSecret } from './config-secrets.ts';
import { diffConfig } from './diff-config.ts';
import type { ClawTypes } from './ports.ts';

export interface ConfigRouteDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  readonly catalog: ClawTypes;
  readonly secrets: SecretBox;
}

/** Everything under `/configs` and `/config-secrets`. */
export function configRoutes({ kit: { mount }, database, catalog: types, secrets }: ConfigRouteDeps): Router {
  const router = Router();
  const look = { action: Action.read, policy } as const;
  const change = { action: Action.update, policy } as const;
  const reading = async (actor: { readonly tenantId: string }, read: (sql: pg.ClientBase) => Promise<unknown>): Promise<Reply> => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, read),
  });

  mount(router, contracts.listConfigs, look, ({ actor, query }) => reading(actor, (sql) => queries.listConfigs(sql, query)));
  mount(router, contracts.createConfig, { action: Action.create, policy }, ({ body, context, once }) =>
    once(async (sql) => {
      const config = await service.createConfig({ sql, context, types }, body);
      return created(config, `/configs/${config.id}`);
    }),
  );
  mount(router, contracts.importConfig, { action: Action.create, policy }, ({ body, context, once }) =>
    once(async (sql) => {
      const imported = await service.importConfig({ sql, context, types }, body);
      return created(imported, `/configs/${imported.config.id}`);
    }),
  );
  mount(router, contracts.getConfig, look, ({ actor, params }) => reading(actor, (sql) => queries.getConfig(sql, params.id)));
  mount(router, contracts.listConfigVersions, look, ({ actor, params, query }) => reading(actor, (sql) => queries.listVersions(sql, params.id, query)));
  mount(router, contracts.saveConfigVersion, change, ({ body, context, params, once }) =>
    once(async (sql) => {
      const version = await service.saveVersion({ sql, context, types }, params.id, body);
      return created(version, `/configs/${params.id}/versions/${version.version}`);
    }),
  );
  mount(router, contracts.getConfigVersion, look, ({ actor, params }) => reading(actor, (sql) => queries.getVersion(sql, params.id, params.version)));
  mount(router, contracts.publishConfigVersion, change, ({ body, context, params, once }) =>
    once(async (sql) => ({ status: 200, body: await service.publishVersion({ sql, context, types }, params.id, params.version, body.current) })),
  );
  mount(router, contracts.diffConfig, look, ({ actor, params, query }) => reading(actor, (sql) => diffConfig(sql, types, params.id, query)));
  mount(router, contracts.listConfigInstances, look, ({ actor, params, query }) => reading(actor, (sql) => queries.listUsers(sql, params.id, query)));

  mount(router, contracts.listConfigSecrets, { action: Action.read, policy: configSecretPolicy }, ({ actor }) =>
    reading(actor, async (sql) => ({ items: await listSecrets(sql) })),
  );
  mount(router, contracts.putConfigSecret, { action: Action.update, policy: configSecretPolicy }, ({ actor, body, context, params }) =>
    reading(actor, (sql) => putSecret(sql, secrets, context, params.name, body.value)),
  );
  mount(router, contracts.deleteConfigSecret, { action: Action.remove, policy: configSecretPolicy }, async ({ actor, context, params }) => {
    await database.withTenantSql(actor.tenantId, (sql) => deleteSecret(sql, context, params.name));
    return { status: 204 };
  });
  return router;
}

function created(body: unknown, path: string): Reply {
  return { status: 201, body, headers: { Location: `/api/v1${path}` } };
}
