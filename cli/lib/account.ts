import { hostname } from 'node:os';
import { createApi, take, unreachable } from './client.ts';
import type { Context } from './context.ts';
import { problemError, usageError } from './errors.ts';
import type { Io } from './io.ts';
import { parseUrl } from './parse.ts';
import { profileName, readProfiles } from './profile.ts';

/** The platform to sign in to: the option, then `CLAW_URL`, then the profile. */
export async function platformUrl({ io, profile }: Context, flag: string | undefined): Promise<string> {
  if (flag) return flag;
  if (io.env['CLAW_URL']) return parseUrl(io.env['CLAW_URL']);
  const file = await readProfiles(io.env);
  const known = file.profiles[profileName(file, io.env, profile)]?.url;
  if (!known) throw usageError('It is not said which platform.', 'Add --url, e.g. --url http://localhost:7700');
  return known;
}

/** The name of the profile that a sign-in writes. */
export async function profileToWrite({ io, profile }: Context): Promise<string> {
  return profileName(await readProfiles(io.env), io.env, profile);
}

interface NewKey {
  readonly apiKey: { readonly id: string };
  readonly secret: string;
}

/** Signs in with e-mail and password, makes a key for this machine and ends the session again. */
export async function keyByPassword(io: Io, url: string, email: string, password: string): Promise<NewKey> {
  const { origin } = new URL(url);
  // The platform takes writes by session only from its own pages; this is what says that it is one of its own programs.
  const signIn = await authRequest(io, url, 'sign-in/email', { origin }, { email, password });
  const cookie = signIn.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
  try {
    return await take(
      createApi(url, { origin, cookie }, io.interrupted).POST('/api-keys', {
        body: { name: `claw on ${hostname()}`.slice(0, 100), scopes: ['read', 'write'] },
      }),
    );
  } finally {
    await authRequest(io, url, 'sign-out', { origin, cookie }, {}).catch(() => undefined);
  }
}

async function authRequest(io: Io, url: string, path: string, headers: Record<string, string>, body: object): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${url}/api/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: io.interrupted,
    });
  } catch (error) {
    throw unreachable(url, error);
  }
  if (response.ok) return response;
  const answer = (await response.json().catch(() => ({}))) as { message?: string; code?: string };
  throw problemError(response.status, { detail: answer.message, ...answer }, response.headers.get('x-request-id'), adviceFor(answer.code, path));
}

function adviceFor(code: string | undefined, path: string): string | undefined {
  if (code === 'INVALID_ORIGIN') return 'Use the address that the platform calls its own (PUBLIC_URL) with --url.';
  return path.startsWith('sign-in') ? 'Check e-mail address and password.' : undefined;
}
