import type { Schemas } from './client.ts';
import { api, unwrap } from './client.ts';
import type { Page } from './instances.ts';
import type { paths } from './schema.d.ts';

export type Config = Schemas['Config'];
export type ConfigLevel = Schemas['ConfigLevel'];
export type ConfigVersion = Schemas['ConfigVersion'];
export type FullConfigVersion = Schemas['ConfigVersionWithDocument'];
export type ConfigDocumentInput = Schemas['ConfigDocumentInput'];
export type ConfigDiff = Schemas['ConfigDiff'];
export type ConfigUser = Schemas['ConfigUser'];
export type ConfigQuery = NonNullable<paths['/configs']['get']['parameters']['query']>;

export function listConfigs(query: ConfigQuery): Promise<Page<Config>> {
  return unwrap(api.GET('/configs', { params: { query } }));
}

export function getConfig(id: string): Promise<Config> {
  return unwrap(api.GET('/configs/{id}', { params: { path: { id } } }));
}

/** Makes a config with a first draft. */
export function createConfig(body: Schemas['CreateConfig']): Promise<Config> {
  return unwrap(api.POST('/configs', { body }));
}

/** Makes a template out of a claw's own configuration; the answer names what is not in it. */
export function importConfig(body: Schemas['ImportConfig']): Promise<Schemas['ImportedConfig']> {
  return unwrap(api.POST('/configs/import', { body }));
}

/** Newest first. */
export function listConfigVersions(id: string): Promise<Page<ConfigVersion>> {
  return unwrap(api.GET('/configs/{id}/versions', { params: { path: { id }, query: { limit: 100 } } }));
}

export function getConfigVersion(id: string, version: number): Promise<FullConfigVersion> {
  return unwrap(api.GET('/configs/{id}/versions/{version}', { params: { path: { id, version } } }));
}

/** Saves a new draft; refused when somebody else saved one since `basedOn`. */
export function saveConfigVersion(id: string, body: Schemas['SaveConfigVersion']): Promise<FullConfigVersion> {
  return unwrap(api.POST('/configs/{id}/versions', { params: { path: { id } }, body }));
}

/** From now on instances may run on it; `current`: new ones start on it at once. */
export function publishConfigVersion(id: string, version: number, current: boolean): Promise<ConfigVersion> {
  return unwrap(api.POST('/configs/{id}/versions/{version}/publish', { params: { path: { id, version } }, body: { current } }));
}

export function diffConfig(id: string, from: number, to: number): Promise<ConfigDiff> {
  return unwrap(api.GET('/configs/{id}/diff', { params: { path: { id }, query: { from, to } } }));
}

/** Who runs on which version. */
export function listConfigInstances(id: string): Promise<Page<ConfigUser>> {
  return unwrap(api.GET('/configs/{id}/instances', { params: { path: { id }, query: { limit: 200 } } }));
}
