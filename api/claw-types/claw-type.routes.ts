import { Router } from 'express';
import type pg from 'pg';
import type { AdapterRegistry } from '../../activities/adapters/adapter.ts';
import { parseManifest } from '../../activities/adapters/custom/manifest.ts';
import { newId } from '../../activities/platform/ids.ts';
import type { Database } from '../../prisma/client.ts';
import type { ClawTypeManifest } from '../../workflows/contracts/claw-type.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import { audit } from '../http/audit.ts';
import { Action } from '../http/authorize.ts';
import type { RouteKit } from '../http/route.ts';
import { clawTypePolicy as policy } from './claw-type.policy.ts';
import { presentClawType } from './claw-type.presenter.ts';
import { type ClawTypeView, createClawType, deleteClawType, listClawTypes } from './claw-type.schema.ts';

export interface ClawTypeDeps {
  readonly kit: RouteKit;
  readonly database: Database;
  readonly registry: AdapterRegistry;
}

/** Everything under `/claw-types`. */
export function clawTypeRoutes({ kit, database, registry }: ClawTypeDeps): Router {
  const router = Router();
  kit.mount(router, listClawTypes, { action: Action.read, policy }, async ({ actor }) => ({
    status: 200,
    body: { items: await database.withTenantSql(actor.tenantId, (sql) => list(sql, registry)) },
  }));
  kit.mount(router, createClawType, { action: Action.create, policy }, ({ actor, body, context, once }) =>
    once(async (sql) => {
      const manifest = parseManifest(body);
      const { name } = manifest.metadata;
      if (registry.builtIn.has(name)) {
        throw new Failure('NAME_TAKEN', `${name} is a built-in type.`, {
          errors: [{ path: '/metadata/name', message: 'is a built-in type' }],
          nextStep: 'Choose another name.',
        });
      }
      await assertVersionsKept(sql, manifest);
      const { rows } = await sql.query<{ manifest: unknown }>('SELECT manifest FROM claw_type WHERE name = $1', [name]);
      await sql.query(
        `INSERT INTO claw_type (id, tenant_id, name, manifest, created_by, last_updated_by) VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT (tenant_id, name) DO UPDATE SET manifest = excluded.manifest, last_updated_by = excluded.last_updated_by`,
        [newId(IdPrefix.clawType), actor.tenantId, name, JSON.stringify(manifest), actor.userId],
      );
      await audit(sql, context, { action: 'claw-type.register', target: name, before: rows[0]?.manifest, after: manifest });
      return { status: 201, body: presentClawType(registry.fromManifest(manifest), 'manifest') };
    }),
  );
  kit.mount(router, deleteClawType, { action: Action.remove, policy }, ({ context, params, once }) =>
    once(async (sql) => {
      const { rows } = await sql.query<{ manifest: unknown }>('SELECT manifest FROM claw_type WHERE name = $1 FOR UPDATE', [params.name]);
      if (!rows[0]) throw new Failure('NOT_FOUND', 'There is no such registered claw type.');
      const users = await usersOf(sql, params.name);
      if (users.length > 0) throw new Failure('ILLEGAL_TRANSITION', `Instances use it: ${namesOf(users)}.`, { nextStep: 'Destroy them first.' });
      await sql.query('DELETE FROM claw_type WHERE name = $1', [params.name]);
      await audit(sql, context, { action: 'claw-type.remove', target: params.name, before: rows[0].manifest });
      return { status: 204 };
    }),
  );
  return router;
}

async function list(sql: pg.ClientBase, registry: AdapterRegistry): Promise<ClawTypeView[]> {
  const { rows } = await sql.query<{ manifest: ClawTypeManifest }>('SELECT manifest FROM claw_type ORDER BY name');
  const builtIn = [...registry.builtIn.values()].map((adapter) => presentClawType(adapter, 'built-in'));
  return [...builtIn, ...rows.map(({ manifest }) => presentClawType(registry.fromManifest(manifest), 'manifest'))];
}

interface User {
  readonly name: string;
  readonly version: string;
}

async function usersOf(sql: pg.ClientBase, type: string): Promise<User[]> {
  const { rows } = await sql.query<User>('SELECT name, version FROM instance WHERE type = $1 AND destroyed_at IS NULL ORDER BY name', [type]);
  return rows;
}

/** A changed manifest must keep every version that an instance still has. */
async function assertVersionsKept(sql: pg.ClientBase, manifest: ClawTypeManifest): Promise<void> {
  const versions = manifest.spec.versions.map(({ version }) => version);
  const left = (await usersOf(sql, manifest.metadata.name)).filter(({ version }) => !versions.includes(version));
  if (left.length === 0) return;
  const message = `Instances still have a version that it no longer names: ${namesOf(left)}.`;
  throw new Failure('ILLEGAL_TRANSITION', message, {
    errors: [{ path: '/spec/versions', message }],
    nextStep: 'Keep those versions, or destroy the instances first.',
  });
}

function namesOf(users: readonly User[]): string {
  const shown = users.slice(0, 5).map(({ name, version }) => `${name} (${version})`);
  return users.length > shown.length ? `${shown.join(', ')} and ${users.length - shown.length} more` : shown.join(', ');
}
