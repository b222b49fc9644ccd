import type { Schemas } from './client.ts';
import { api, settle, unwrap } from './client.ts';
import type { Page } from './instances.ts';
import { ApiProblem, asProblem } from './problem.ts';
import { chooseTenant, chosenTenant } from './tenant-choice.ts';

export type Me = Schemas['Me'];
export type ApiKey = Schemas['ApiKey'];
export type CreatedApiKey = Schemas['CreatedApiKey'];
export type CreateApiKey = Schemas['CreateApiKey'];
export type SetupRequest = Schemas['SetupRequest'];

/** Whoever does not belong any more to the tenant they chose is where everybody begins. */
export async function getMe(): Promise<Me> {
  try {
    return await unwrap(api.GET('/me'));
  } catch (error) {
    if (asProblem(error).status !== 404 || chosenTenant() === null) throw error;
    chooseTenant(null);
    return unwrap(api.GET('/me'));
  }
}

export async function isSetupNeeded(): Promise<boolean> {
  return (await unwrap(api.GET('/setup'))).needed;
}

/** Makes the first administrator and signs in. */
export async function runSetup(body: SetupRequest): Promise<void> {
  await settle(api.POST('/setup', { body }));
}

/** Sign-in lives beside our API and answers in its own words: {code, message}. Throws ApiProblem. */
export async function authAnswer<T>(path: string, body: object): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-language': document.documentElement.lang },
      body: JSON.stringify(body),
    });
  } catch (error) {
    throw new ApiProblem(0, { detail: error instanceof Error ? error.message : String(error) });
  }
  if (response.ok) return (await response.json()) as T;
  const answer = (await response.json().catch(() => ({}))) as { code?: string; message?: string; detail?: string };
  throw new ApiProblem(response.status, {
    code: answer.code,
    detail: answer.message ?? answer.detail,
    requestId: response.headers.get('x-request-id') ?? undefined,
  });
}

/** Signs in by password; true when a second step has to follow. */
export async function signIn(email: string, password: string): Promise<boolean> {
  return (await authAnswer<{ twoFactorRedirect?: boolean }>('sign-in/email', { email, password })).twoFactorRedirect === true;
}

export async function signOut(): Promise<void> {
  await authAnswer('sign-out', {});
}

/** Changes the password of who is signed in and ends every other session. */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  await authAnswer('change-password', { currentPassword, newPassword, revokeOtherSessions: true });
}

export function listApiKeys(): Promise<Page<ApiKey>> {
  return unwrap(api.GET('/api-keys', { params: { query: { limit: 200 } } }));
}

export function createApiKey(body: CreateApiKey): Promise<CreatedApiKey> {
  return unwrap(api.POST('/api-keys', { body }));
}

/** A new key that may the same; the old one works for so many seconds more. */
export function rotateApiKey(id: string, overlapSeconds: number): Promise<CreatedApiKey> {
  return unwrap(api.POST('/api-keys/{id}/rotate', { params: { path: { id } }, body: { overlapSeconds } }));
}

export function revokeApiKey(id: string): Promise<void> {
  return settle(api.DELETE('/api-keys/{id}', { params: { path: { id } } }));
}
