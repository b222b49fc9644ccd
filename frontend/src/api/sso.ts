import type { Schemas } from './client.ts';
import { api, settle, unwrap } from './client.ts';

export type Sso = Schemas['Sso'];
export type SsoConnection = Schemas['SsoConnection'];
export type SsoSettings = Schemas['SsoSettings'];
export type SsoTrial = Schemas['SsoTrial'];
export type SsoTest = Schemas['SsoTest'];
export type SsoRole = Schemas['SsoRole'];
export type SsoProvider = NonNullable<Schemas['SsoAnswer']['provider']>;

export const getSso = (): Promise<Sso> => unwrap(api.GET('/sso'));
export const putSso = (body: SsoSettings): Promise<Sso> => unwrap(api.PUT('/sso', { body }));
export const removeSso = (): Promise<void> => settle(api.DELETE('/sso'));
export const testSso = (body: SsoTrial): Promise<SsoTest> => unwrap(api.POST('/sso/test', { body }));

/** The identity provider of a domain, if it has one. Who asks is not told: only the domain matters. */
export async function findSso(domain: string): Promise<SsoProvider | null> {
  return (await unwrap(api.POST('/sso/find', { body: { email: `somebody@${domain}` } }))).provider;
}

/** Leaves the portal for the identity provider of this address, which leads back to `next`. */
export async function leaveForSso(email: string, next: string): Promise<void> {
  const { url } = await unwrap(api.POST('/sso/start', { body: { email, next } }));
  location.assign(url);
}
