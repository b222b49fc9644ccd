import { Router } from 'express';
import type pg from 'pg';
import { newId } from '../../activities/platform/ids.ts';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { IdPrefix } from '../../workflows/contracts/ids.ts';
import type { KeyRotationState } from '../../workflows/contracts/key-rotation.ts';
import { audit } from '../http/audit.ts';
import { Action } from '../http/authorize.ts';
import { enqueueKeyRotation } from '../http/outbox.ts';
import type { RouteKit } from '../http/route.ts';
import { keyRotationPolicy as policy } from './key-rotation.policy.ts';
import { createKeyRotation, type KeyRotationView, listKeyRotations } from './key-rotation.schema.ts';

const LISTED = 20;

/** Rotations of the keys that secrets are sealed with. */
export function keyRotationRoutes({ kit, database }: { readonly kit: RouteKit; readonly database: Database }): Router {
  const router = Router();
  kit.mount(router, listKeyRotations, { action: Action.read, policy }, async ({ actor }) => ({
    status: 200,
    body: await database.withTenantSql(actor.tenantId, async (sql) => ({ key: await currentKey(sql), items: await read(sql) })),
  }));
  kit.mount(router, createKeyRotation, { action: Action.create, policy }, ({ actor, context, once }) =>
    once(async (sql) => {
      const id = newId(IdPrefix.keyRotation);
      const { rowCount } = await sql.query("INSERT INTO key_rotation (id, started_by) VALUES ($1, $2) ON CONFLICT (state) WHERE state = 'running' DO NOTHING", [
        id,
        actor.userId,
      ]);
      if (!rowCount) throw new Failure('OPERATION_IN_PROGRESS', 'A key rotation is running already.', { nextStep: 'Wait for it to end.' });
      await enqueueKeyRotation(sql, actor.tenantId, { rotationId: id });
      await audit(sql, context, { action: 'key-rotation.start', target: id });
      const [rotation] = await read(sql, id);
      return { status: 202, body: rotation };
    }),
  );
  return router;
}

async function currentKey(sql: pg.ClientBase): Promise<{ id: string; createdAt: string } | null> {
  const { rows } = await sql.query<{ id: string; created_at: Date }>('SELECT id, created_at FROM data_key ORDER BY created_at DESC, id DESC LIMIT 1');
  return rows[0] ? { id: rows[0].id, createdAt: rows[0].created_at.toISOString() } : null;
}

interface Row {
  readonly id: string;
  readonly state: KeyRotationState;
  readonly started_by: string;
  readonly name: string | null;
  readonly key_id: string | null;
  readonly total: number | null;
  readonly resealed: number;
  readonly unreadable: number;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

async function read(sql: pg.ClientBase, id: string | null = null): Promise<KeyRotationView[]> {
  const { rows } = await sql.query<Row>(
    `SELECT r.id, r.state, r.started_by, u.name, k.id AS key_id, r.total, r.resealed, r.unreadable, r.created_at, r.finished_at
     FROM key_rotation r LEFT JOIN auth."user" u ON u.id = r.started_by LEFT JOIN data_key k ON k.rotation_id = r.id
     WHERE $1::text IS NULL OR r.id = $1 ORDER BY r.created_at DESC, r.id DESC LIMIT ${LISTED}`,
    [id],
  );
  return rows.map((row) => ({
    id: row.id,
    state: row.state,
    startedBy: { id: row.started_by, name: row.name },
    keyId: row.key_id,
    total: row.total,
    resealed: row.resealed,
    unreadable: row.unreadable,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  }));
}
