import { Router } from 'express';
import type { RouteKit } from '../http/route.ts';
import { getSetup, runSetup } from './setup.schema.ts';
import { type SetupDeps, setUp, setupNeeded } from './setup.service.ts';

/** `/setup`: the only way to the first account. */
export function setupRoutes({ kit, ...deps }: SetupDeps & { readonly kit: RouteKit }): Router {
  const router = Router();
  kit.mount(router, getSetup, null, async () => ({ status: 200, body: { needed: await setupNeeded(deps) } }));
  kit.mount(router, runSetup, null, async ({ body, query, context, request }) => {
    const { cookies, ...made } = await setUp(deps, context, body, query.key === 'true');
    for (const cookie of cookies) request.res?.appendHeader('Set-Cookie', cookie);
    return { status: 201, body: made };
  });
  return router;
}
