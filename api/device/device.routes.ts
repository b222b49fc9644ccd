import { Router } from 'express';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { Action } from '../http/authorize.ts';
import type { Actor } from '../http/request-context.ts';
import type { RouteKit } from '../http/route.ts';
import { devicePolicy as policy } from './device.policy.ts';
import { approveDevice, denyDevice, getDevice } from './device.schema.ts';
import { decideDevice, readDevice } from './device-grants.ts';

/** `/account/devices`: a person decides about a program that waits. */
export function deviceRoutes({ kit: { mount }, database }: { readonly kit: RouteKit; readonly database: Database }): Router {
  const router = Router();
  mount(router, getDevice, { action: Action.read, policy }, async ({ actor, params }) => {
    assertPerson(actor);
    return { status: 200, body: await readDevice(database.pool, params.code) };
  });
  mount(router, approveDevice, { action: Action.create, policy }, async ({ actor, params }) => {
    assertPerson(actor);
    await decideDevice(database.pool, params.code, 'approved', actor);
    return { status: 204 };
  });
  mount(router, denyDevice, { action: Action.create, policy }, async ({ actor, params }) => {
    assertPerson(actor);
    await decideDevice(database.pool, params.code, 'denied', actor);
    return { status: 204 };
  });
  return router;
}

/** A key lets nobody in: it may be one that may less than its owner. */
function assertPerson({ auth, visiting }: Actor): void {
  if (auth !== 'session' || visiting) throw new Failure('FORBIDDEN', 'A program is let in by a person of the tenant, signed in to the portal.');
}
