import type { Schemas } from './client.ts';
import { api, unwrap } from './client.ts';

export type Quota = Schemas['Quota'];
export type QuotaScope = Schemas['QuotaScope'];
export type QuotaAmount = Schemas['QuotaAmount'];
export type QuotaLimits = Schemas['QuotaLimits'];
export type ClawPolicies = Schemas['ClawPolicies'];
export type ClawPolicy = Schemas['ClawPolicy'];
export type ClawRules = Schemas['ClawRules'];
export type TenantPlan = Schemas['TenantPlan'];
export type Plan = Schemas['Plan'];

export function getQuota(): Promise<Quota> {
  return unwrap(api.GET('/quota'));
}

/** Replaces the limits of a tenant or of one of its projects. */
export function putQuota({ kind, id }: Pick<QuotaScope, 'kind' | 'id'>, body: QuotaLimits): Promise<Quota> {
  const params = { path: { id } };
  return unwrap(kind === 'tenant' ? api.PUT('/tenants/{id}/quota', { params, body }) : api.PUT('/projects/{id}/quota', { params, body }));
}

export function getPolicies(tenantId: string): Promise<ClawPolicies> {
  return unwrap(api.GET('/tenants/{id}/policies', { params: { path: { id: tenantId } } }));
}

/** Replaces the rules of a tenant or of one of its projects. */
export function putPolicies({ kind, id }: ClawPolicy['scope'], body: ClawRules): Promise<ClawPolicies> {
  const params = { path: { id } };
  return unwrap(kind === 'tenant' ? api.PUT('/tenants/{id}/policies', { params, body }) : api.PUT('/projects/{id}/policies', { params, body }));
}

export function getTenantPlan(tenantId: string): Promise<TenantPlan> {
  return unwrap(api.GET('/tenants/{id}/plan', { params: { path: { id: tenantId } } }));
}

export function putTenantPlan(tenantId: string, plan: string): Promise<TenantPlan> {
  return unwrap(api.PUT('/tenants/{id}/plan', { params: { path: { id: tenantId } }, body: { plan } }));
}

export async function listPlans(): Promise<readonly Plan[]> {
  return (await unwrap(api.GET('/plans'))).items;
}

/** Makes a plan or replaces one; tenants on it have the new limits at once. */
export function putPlan(name: string, body: Omit<Plan, 'name'>): Promise<Plan> {
  return unwrap(api.PUT('/plans/{name}', { params: { path: { name } }, body }));
}
