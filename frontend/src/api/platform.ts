import type { HostView } from '../../../workflows/contracts/host.ts';
import type { Schemas } from './client.ts';
import { api, unwrap } from './client.ts';
import type { Page } from './instances.ts';

export type ClawType = Schemas['ClawType'];
export type Overview = Schemas['Overview'];
export type Preflight = Schemas['Preflight'];
export type SystemHealth = Schemas['SystemHealth'];
export type HealthFact = Schemas['HealthFact'];
export type LogLevelOrder = Schemas['LogLevelOrder'];
export type Trace = Schemas['Trace'];

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

/** What an id of any kind belongs to. */
export function getTrace(id: string): Promise<Trace> {
  return unwrap(api.GET('/system/trace', { params: { query: { id } } }));
}

export function putLogLevel(body: Schemas['PutLogLevel']): Promise<Schemas['LogLevelList']> {
  return unwrap(api.PUT('/system/log-level', { body }));
}

export function getHealth(): Promise<SystemHealth> {
  return unwrap(api.GET('/system/health'));
}

/** A tar.gz with what a supporter needs, and the name that the API gave it. */
export async function getSupportBundle(names: boolean): Promise<{ readonly name: string; readonly content: Blob }> {
  const call = api.GET('/system/support-bundle', { params: { query: { names: names ? 'true' : 'false' } }, parseAs: 'blob' });
  const content = await unwrap(call);
  const disposition = (await call).response.headers.get('content-disposition') ?? '';
  return { name: /filename="([^"]+)"/.exec(disposition)?.[1] ?? 'clawloops-support.tar.gz', content };
}
