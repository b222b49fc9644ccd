import type { Schemas } from './client.ts';
import { api, settle, unwrap } from './client.ts';
import type { GrantRole } from './people.ts';

export type Project = Schemas['Project'];

export async function listProjects(): Promise<readonly Project[]> {
  return (await unwrap(api.GET('/projects'))).items;
}

export function createProject(name: string): Promise<Project> {
  return unwrap(api.POST('/projects', { body: { name } }));
}

export function renameProject(id: string, name: string): Promise<Project> {
  return unwrap(api.PUT('/projects/{id}', { params: { path: { id } }, body: { name } }));
}

export function deleteProject(id: string): Promise<void> {
  return settle(api.DELETE('/projects/{id}', { params: { path: { id } } }));
}

export function setGrant(id: string, userId: string, role: GrantRole): Promise<Project> {
  return unwrap(api.PUT('/projects/{id}/grants/{userId}', { params: { path: { id, userId } }, body: { role } }));
}

export function removeGrant(id: string, userId: string): Promise<Project> {
  return unwrap(api.DELETE('/projects/{id}/grants/{userId}', { params: { path: { id, userId } } }));
}
