import type { Schemas } from './client.ts';
import { api, unwrap } from './client.ts';

export type InstanceMetrics = Schemas['InstanceMetrics'];
export type InstanceMetricPoint = Schemas['InstanceMetricPoint'];
export type HostMetrics = Schemas['HostMetrics'];
export type TopInstances = Schemas['TopInstances'];

/** What an instance used in the last `seconds`. */
export function getInstanceMetrics(id: string, seconds: number): Promise<InstanceMetrics> {
  return unwrap(api.GET('/instances/{id}/metrics', { params: { path: { id }, query: { from: before(seconds) } } }));
}

/** What a host used in the last `seconds`. */
export function getHostMetrics(id: string, seconds: number): Promise<HostMetrics> {
  return unwrap(api.GET('/hosts/{id}/metrics', { params: { path: { id }, query: { from: before(seconds) } } }));
}

export function getTopInstances(sort: 'cpu' | 'memory' | 'cost', limit: number): Promise<TopInstances> {
  return unwrap(api.GET('/metrics/top', { params: { query: { sort, limit } } }));
}

function before(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString();
}
