import type { HostView } from '../../../workflows/contracts/host.ts';
import type { Schemas } from './client.ts';
import { api, unwrap } from './client.ts';
import type { Page } from './instances.ts';

export type ClawType = Schemas['ClawType'];
export type Overview = Schemas['Overview'];
export type Preflight = Schemas['Preflight'];
export type SystemHealth = Schemas['SystemHealth'];

export function listHosts(): Promise<Page<HostView>> {
  return unwrap(api.GET('/hosts', { params: { query: { limit: 200 } } }));
}

export async function listClawTypes(): Promise<readonly ClawType[]> {
  return (await unwrap(api.GET('/claw-types'))).items;
}

export function getOverview(): Promise<Overview> {
  return unwrap(api.GET('/metrics/overview'));
}

export function getPreflight(): Promise<Preflight> {
  return unwrap(api.GET('/system/preflight'));
}

export function getHealth(): Promise<SystemHealth> {
  return unwrap(api.GET('/system/health'));
}
