import type pg from 'pg';
import { Failure } from '../../workflows/contracts/failures.ts';
import { type Entitlement, UNLIMITED_PLAN } from '../../workflows/contracts/quota.ts';

const PLAN_OF = `SELECT p.name, p.seats, p.entitlements FROM plan p
  WHERE p.name = coalesce((SELECT plan FROM tenant_plan WHERE tenant_id = $1), '${UNLIMITED_PLAN}')`;

interface PlanRow {
  readonly name: string;
  /** Null: any number. */
  readonly seats: number | null;
  /** Null: all of them. */
  readonly entitlements: readonly string[] | null;
}

/** What a tenant's plan says of seats and entitlements. `sql` must run as that tenant. */
export async function planOf(sql: pg.ClientBase, tenantId: string): Promise<PlanRow> {
  const { rows } = await sql.query<PlanRow>({ name: 'plan-of-tenant', text: PLAN_OF, values: [tenantId] });
  if (!rows[0]) throw new Error(`the plan of ${tenantId} is not there`);
  return rows[0];
}

/** Whether the plan of a tenant includes this; the database knows, because it asks itself. `sql` must run as that tenant. */
export async function entitled(sql: pg.ClientBase, tenantId: string, name: Entitlement): Promise<boolean> {
  const { rows } = await sql.query<{ entitled: boolean }>('SELECT tenant_entitled($1, $2) AS entitled', [tenantId, name]);
  return rows[0]?.entitled === true;
}

/** Throws NOT_ENTITLED unless the plan of the tenant includes this. */
export async function assertEntitled(sql: pg.ClientBase, tenantId: string, name: Entitlement): Promise<void> {
  if (await entitled(sql, tenantId, name)) return;
  const { name: plan } = await planOf(sql, tenantId);
  throw new Failure('NOT_ENTITLED', `The plan ${plan} does not include ${name}.`);
}

/** Members and pending invitations of the tenant as which `sql` runs. */
export async function seatsTaken(sql: pg.ClientBase): Promise<number> {
  const { rows } = await sql.query<{ taken: number }>('SELECT seats_taken() AS taken');
  return rows[0]?.taken ?? 0;
}

/**
 * Makes sure that the plan has a seat for one more, and still has when the transaction commits. Call it before a member or an invitation
 * is added. Throws QUOTA_EXCEEDED. `sql` must run as that tenant.
 */
export async function reserveSeat(sql: pg.ClientBase, tenantId: string): Promise<void> {
  const { name, seats } = await planOf(sql, tenantId);
  if (seats === null) return;
  await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`seats ${tenantId}`]);
  const taken = await seatsTaken(sql);
  if (taken < seats) return;
  throw new Failure('QUOTA_EXCEEDED', `Seats of the plan ${name}: ${taken} of ${seats} taken, members and pending invitations together.`, {
    nextStep: 'Remove a member, revoke an invitation, or ask an administrator of the platform for another plan.',
  });
}
