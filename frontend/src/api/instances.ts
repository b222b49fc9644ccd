import type { InstanceView } from '../../../workflows/contracts/instance.ts';
import type { OperationView } from '../../../workflows/contracts/operation.ts';
import type { Schemas } from './client.ts';
import { api, unwrap } from './client.ts';
import type { paths } from './schema.d.ts';

export type InstanceQuery = NonNullable<paths['/instances']['get']['parameters']['query']>;
export type CreateInstance = Schemas['CreateInstance'];
export type DryRun = Schemas['DryRun'];
export type EffectiveConfig = Schemas['EffectiveConfig'];
export type InstanceUsage = Schemas['InstanceUsage'];
export type Accepted = Schemas['Accepted'];

/** A page of a list; `nextCursor` null on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  readonly total?: number;
}

/** Actions without parameters, named as their paths are. */
export type PlainAction = 'start' | 'stop' | 'restart' | 'kill' | 'rotate-key';

export function listInstances(query: InstanceQuery): Promise<Page<InstanceView>> {
  return unwrap(api.GET('/instances', { params: { query } }));
}

export function getInstance(id: string): Promise<InstanceView> {
  return unwrap(api.GET('/instances/{id}', { params: { path: { id } } }));
}

/** Accepts a new instance. */
export async function createInstance(body: CreateInstance): Promise<Accepted> {
  return (await unwrap(api.POST('/instances', { body }))) as Accepted;
}

/** Asks whether it would be accepted; writes nothing. */
export async function checkInstance(body: CreateInstance): Promise<DryRun> {
  return (await unwrap(api.POST('/instances', { params: { query: { dryRun: 'true' } }, body }))) as DryRun;
}

/** Changes an instance that still has this generation; 412 when somebody was faster. */
export function updateInstance(id: string, generation: number, body: Schemas['UpdateInstance']): Promise<Accepted> {
  return unwrap(api.PUT('/instances/{id}', { params: { path: { id }, header: { 'If-Match': `"${generation}"` } }, body }));
}

export function actOnInstance(id: string, action: PlainAction): Promise<Accepted> {
  return unwrap(api.POST(`/instances/{id}/${action}`, { params: { path: { id } } }));
}

export function retryInstance(id: string, body: Schemas['RetryInstance']): Promise<Accepted> {
  return unwrap(api.POST('/instances/{id}/retry', { params: { path: { id } }, body }));
}

export function destroyInstance(id: string, retention: 'retain' | 'wipe'): Promise<Accepted> {
  return unwrap(api.DELETE('/instances/{id}', { params: { path: { id }, query: { retention } } }));
}

export function getInstanceConfig(id: string): Promise<EffectiveConfig> {
  return unwrap(api.GET('/instances/{id}/config', { params: { path: { id } } }));
}

export function getInstanceUsage(id: string): Promise<InstanceUsage> {
  return unwrap(api.GET('/instances/{id}/usage', { params: { path: { id } } }));
}

export function listInstanceOperations(id: string, limit: number, cursor?: string): Promise<Page<OperationView>> {
  return unwrap(api.GET('/instances/{id}/operations', { params: { path: { id }, query: { limit, cursor } } }));
}
