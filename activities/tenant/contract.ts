import type { DrainPass, TenantOrder } from '../../workflows/contracts/tenant-work.ts';

export interface TenantActivities {
  /**
   * Looks at the claws of the tenant, asks for the end of each that still runs or lives and has not been asked, and writes down how far it
   * has come. Repeatable: nothing is asked for twice.
   */
  drainTenant(order: TenantOrder): Promise<DrainPass>;
  /** Ends the work once no claw is left: of a deletion keys are revoked, nobody belongs to the tenant any more, and its data is kept or wiped. Repeatable. */
  endTenantWork(order: TenantOrder): Promise<void>;
}
