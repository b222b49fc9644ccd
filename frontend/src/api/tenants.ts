import type { Schemas } from './client.ts';
import { api, settle, unwrap } from './client.ts';
import type { Page } from './instances.ts';
import type { paths } from './schema.d.ts';

export type Tenant = Schemas['Tenant'];
export type PlatformPerson = Schemas['PlatformPerson'];
export type PlatformRole = PlatformPerson['role'];
export type TenantQuery = NonNullable<paths['/tenants']['get']['parameters']['query']>;
export type Retention = 'retain' | 'wipe';

export function listTenants(query: TenantQuery): Promise<Page<Tenant>> {
  return unwrap(api.GET('/tenants', { params: { query } }));
}

/** The link to hand over to the owner stands only in this answer. */
export function createTenant(body: Schemas['CreateTenant']): Promise<Schemas['CreatedTenant']> {
  return unwrap(api.POST('/tenants', { body }));
}

export function updateTenant(id: string, body: Schemas['UpdateTenant']): Promise<Tenant> {
  return unwrap(api.PUT('/tenants/{id}', { params: { path: { id } }, body }));
}

export function deleteTenant(id: string, retention: Retention): Promise<Tenant> {
  return unwrap(api.DELETE('/tenants/{id}', { params: { path: { id }, query: { retention } } }));
}

export async function listPlatformPeople(): Promise<readonly PlatformPerson[]> {
  return (await unwrap(api.GET('/platform-roles'))).items;
}

export function givePlatformRole(body: Schemas['PlatformRoleInput']): Promise<PlatformPerson> {
  return unwrap(api.POST('/platform-roles', { body }));
}

export function takePlatformRole(userId: string): Promise<void> {
  return settle(api.DELETE('/platform-roles/{userId}', { params: { path: { userId } } }));
}
