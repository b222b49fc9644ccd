import { createServer } from 'node:http';
import express from 'express';
import pino from 'pino';
import { createOutboundGuard } from '../../../activities/platform/outbound.ts';
import type { SecretBox } from '../../../activities/platform/secrets.ts';
import { closeServer, listenOnLoopback } from '../../../deploy/local/testing/loopback.ts';
import type { Database } from '../../../prisma/client.ts';
import { problemHandler } from '../../http/problem.ts';
import { type Actor, contextOf, requestContext } from '../../http/request-context.ts';
import { createRouteKit } from '../../http/route.ts';
import { usageRoutes } from '../../usage/usage.routes.ts';
import { providerRoutes } from '../provider.routes.ts';

/** Providers and usage behind the real middleware, with callers signed in by the test instead of by a session. */
export interface ResourceApp {
  /** One request as this caller, under `/api/v1`; `body` undefined = none. */
  call(
    actor: Actor,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; body: unknown; headers: Headers }>;
  close(): Promise<void>;
}

export async function openResourceApp(database: Database, secrets: SecretBox): Promise<ResourceApp> {
  const actors = new Map<string, Actor>();
  const app = express();
  app.use(requestContext());
  app.use((request, response, next) => {
    contextOf(response).actor = actors.get(String(request.headers['x-test-actor'])) ?? null;
    next();
  });
  app.use(express.json());
  const kit = createRouteKit({ database, secrets });
  app.use('/api/v1', providerRoutes({ kit, database, secrets, outbound: createOutboundGuard({ allow: ['127.0.0.0/8'] }) }), usageRoutes({ kit, database }));
  app.use(problemHandler(pino({ level: 'silent' })));
  const server = createServer(app);
  const base = `http://127.0.0.1:${await listenOnLoopback(server)}/api/v1`;
  return {
    call: async (actor, method, path, body, headers = {}) => {
      const key = `${actor.tenantId}/${actor.userId}/${actor.role}`;
      actors.set(key, actor);
      const response = await fetch(`${base}${path}`, {
        method,
        headers: { 'x-test-actor': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, body: text ? JSON.parse(text) : null, headers: response.headers };
    },
    close: () => closeServer(server),
  };
}

/** A signed-in caller of a tenant. */
export function actorIn(tenantId: string, role: Actor['role'] = 'owner'): Actor {
  return {
    userId: 'usr_test',
    tenantId,
    tenantName: 'Test',
    tenantState: 'active',
    role,
    grants: [],
    platformRole: null,
    visiting: false,
    auth: 'session',
    scopes: ['read', 'write'],
    keyId: null,
  };
}
