import { api, type Schemas, unwrap } from './client.ts';
import type { Accepted } from './instances.ts';

export type MyClaw = Schemas['MyClaw'];
export type ClawEntry = Schemas['ClawEntry'];

/** The claw of whoever is signed in, or that there is none. */
export function getMyClaw(): Promise<MyClaw> {
  return unwrap(api.GET('/my-claw'));
}

/** Makes it; whoever has one keeps it. */
export async function createMyClaw(): Promise<Accepted | MyClaw> {
  return (await unwrap(api.POST('/my-claw', { body: {} }))) as Accepted | MyClaw;
}

/** A single-use way into the page of a claw, by its id or the slug in its address. */
export function openClaw(idOrSlug: string, language: 'en' | 'zh' | 'ja'): Promise<ClawEntry> {
  return unwrap(api.POST('/instances/{id}/open', { params: { path: { id: idOrSlug } }, body: { language } }));
}
