import type { Schemas } from './client.ts';
import { api, settle, unwrap } from './client.ts';
import type { Page } from './instances.ts';
import type { paths } from './schema.d.ts';

export type Person = Schemas['Person'];
export type PersonQuery = NonNullable<paths['/people']['get']['parameters']['query']>;

/** Everybody who has an account on the platform, whatever tenants they belong to. */
export function listPersons(query: PersonQuery): Promise<Page<Person>> {
  return unwrap(api.GET('/people', { params: { query } }));
}

/** Keeps a person out everywhere; answers how many of their claws are being stopped. */
export function disablePerson(userId: string, stopClaws: boolean): Promise<Schemas['StoppedPerson']> {
  return unwrap(api.POST('/people/{userId}/disable', { params: { path: { userId } }, body: { stopClaws } }));
}

export function enablePerson(userId: string): Promise<void> {
  return settle(api.POST('/people/{userId}/enable', { params: { path: { userId } } }));
}

/** Has a person choose a new password before anything else. */
export function requirePasswordChange(userId: string): Promise<void> {
  return settle(api.POST('/people/{userId}/require-password-change', { params: { path: { userId } } }));
}
