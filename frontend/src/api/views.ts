import type { Schemas } from './client.ts';
import { api, settle, unwrap } from './client.ts';

export type SavedView = Schemas['SavedView'];
export type SavedViewQuery = Schemas['InstanceListQuery'];

/** The views of who is signed in. */
export async function listViews(): Promise<readonly SavedView[]> {
  return (await unwrap(api.GET('/me/views'))).items;
}

export function createView(name: string, query: SavedViewQuery): Promise<SavedView> {
  return unwrap(api.POST('/me/views', { body: { name, list: 'instances', query } }));
}

export function updateView(id: string, name: string, query: SavedViewQuery): Promise<SavedView> {
  return unwrap(api.PUT('/me/views/{id}', { params: { path: { id } }, body: { name, list: 'instances', query } }));
}

export function removeView(id: string): Promise<void> {
  return settle(api.DELETE('/me/views/{id}', { params: { path: { id } } }));
}
