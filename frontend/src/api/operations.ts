import type { OperationControl, OperationView } from '../../../workflows/contracts/operation.ts';
import { api, unwrap } from './client.ts';
import type { Page } from './instances.ts';
import type { paths } from './schema.d.ts';

export type OperationQuery = NonNullable<paths['/operations']['get']['parameters']['query']>;

export function listOperations(query: OperationQuery): Promise<Page<OperationView>> {
  return unwrap(api.GET('/operations', { params: { query } }));
}

export function getOperation(id: string): Promise<OperationView> {
  return unwrap(api.GET('/operations/{id}', { params: { path: { id } } }));
}

export function controlOperation(id: string, control: OperationControl): Promise<OperationView> {
  return unwrap(api.POST(`/operations/{id}/${control}`, { params: { path: { id } } }));
}
