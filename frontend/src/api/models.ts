import type { ProviderView } from '../../../workflows/contracts/model.ts';
import type { Schemas } from './client.ts';
import { api, settle, unwrap } from './client.ts';
import type { Page } from './instances.ts';

export type CreateProvider = Schemas['CreateProvider'];
export type Model = Schemas['Model'];

export function listProviders(): Promise<Page<ProviderView>> {
  return unwrap(api.GET('/providers', { params: { query: { limit: 200 } } }));
}

export function createProvider(body: CreateProvider): Promise<ProviderView> {
  return unwrap(api.POST('/providers', { body }));
}

export function verifyProvider(id: string): Promise<ProviderView> {
  return unwrap(api.POST('/providers/{id}/verify', { params: { path: { id } } }));
}

export function removeProvider(id: string): Promise<void> {
  return settle(api.DELETE('/providers/{id}', { params: { path: { id } } }));
}

export async function listModels(): Promise<readonly Model[]> {
  return (await unwrap(api.GET('/models'))).items;
}
