import { Router } from 'express';
import type { Database } from '../../prisma/client.ts';
import { Action } from '../http/authorize.ts';
import type { RouteKit } from '../http/route.ts';
import { projectPolicy } from './project.policy.ts';
import * as contracts from './project.schema.ts';
import { createProject, deleteProject, removeGrant, renameProject, setGrant } from './project.service.ts';
import { listProjects, showProject } from './project-queries.ts';

const look = { action: Action.read, policy: projectPolicy } as const;
const create = { action: Action.create, policy: projectPolicy } as const;
const update = { action: Action.update, policy: projectPolicy } as const;
const remove = { action: Action.remove, policy: projectPolicy } as const;

/** Everything under `/projects` except their quotas and policies. */
export function projectRoutes({ kit: { mount }, database }: { readonly kit: RouteKit; readonly database: Database }): Router {
  const router = Router();
  mount(router, contracts.listProjects, look, async ({ actor }) => ({
    status: 200,
    body: { items: await database.withTenantSql(actor.tenantId, listProjects) },
  }));
  mount(router, contracts.createProject, create, ({ body, context, once }) =>
    once(async (sql) => ({ status: 201, body: await createProject(sql, context, body.name) })),
  );
  mount(router, contracts.getProject, look, async ({ actor, params }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, (sql) => showProject(sql, params.id)),
  }));
  mount(router, contracts.updateProject, update, ({ params, body, context, once }) =>
    once(async (sql) => ({ status: 200, body: await renameProject(sql, context, params.id, body.name) })),
  );
  mount(router, contracts.deleteProject, remove, ({ params, context, once }) =>
    once(async (sql) => {
      await deleteProject(sql, context, params.id);
      return { status: 204 };
    }),
  );
  mount(router, contracts.putProjectGrant, update, ({ params, body, context, once }) =>
    once(async (sql) => ({ status: 200, body: await setGrant(sql, context, params.id, params.userId, body.role) })),
  );
  mount(router, contracts.deleteProjectGrant, update, ({ params, context, once }) =>
    once(async (sql) => ({ status: 200, body: await removeGrant(sql, context, params.id, params.userId) })),
  );
  return router;
}
