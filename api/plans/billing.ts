import type pg from 'pg';

/** A tenant that goes from one plan to another. */
export interface PlanChange {
  readonly tenantId: string;
  readonly before: string;
  readonly after: string;
  /** Who asked for it. */
  readonly userId: string;
}

/** Who is told that a tenant changes its plan: whatever takes the money. */
export interface BillingPort {
  /** Runs in the transaction of the change, as the tenant; what it throws refuses the change. */
  planChanges(sql: pg.ClientBase, change: PlanChange): Promise<void>;
}

/** Nobody is told: an administrator of the platform sets plans and writes invoices from the exported usage. */
export function manualBilling(): BillingPort {
  return { planChanges: async () => undefined };
}
