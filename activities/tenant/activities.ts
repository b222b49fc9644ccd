import type { TenantActivities } from './contract.ts';
import { drainTenant, type TenantDeps } from './drain-tenant.ts';
import { endTenantWork } from './end-tenant-work.ts';

/** The activities of work on whole tenants. */
export function createTenantActivities(deps: TenantDeps): TenantActivities {
  return { drainTenant: (order) => drainTenant(deps, order), endTenantWork: (order) => endTenantWork(deps, order) };
}
