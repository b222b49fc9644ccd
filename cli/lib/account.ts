import { hostname } from 'node:os';
import { type Api, createApi, take, unreachable } from './client.ts';
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

/** Signs in with e-mail and password, makes a key for this machine in one of the person's tenants and ends the session again. */
export async function keyByPassword(io: Io, url: string, email: string, password: string, tenant?: string): Promise<NewKey> {
  const { origin } = new URL(url);
  // The platform takes writes by session only from its own pages; this is what says that it is one of its own programs.
  const signIn = await authRequest(io, url, 'sign-in/email', { origin }, { email, password });
  const cookie = signIn.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
  try {
    const id = tenant === undefined ? undefined : await findTenant(createApi(url, { origin, cookie }, io.interrupted), tenant);
    return await take(
      createApi(url, { origin, cookie, ...(id ? { 'x-tenant': id } : {}) }, io.interrupted).POST('/api-keys', {
        body: { name: `claw on ${hostname()}`.slice(0, 100), scopes: ['read', 'write'] },
      }),
    );
  } finally {
    await authRequest(io, url, 'sign-out', { origin, cookie }, {}).catch(() => undefined);
  }
}

async function findTenant(api: Api, word: string): Promise<string> {
  const { tenants } = await take(api.GET('/me'));
  const found = tenants.filter(({ id, name }) => id === word || name === word);
  if (found.length === 1 && found[0]) return found[0].id;
  const names = tenants.map(({ id, name }) => `${name} (${id})`).join(', ');
  throw usageError(found.length > 1 ? `You belong to several tenants called "${word}".` : `You do not belong to a tenant "${word}".`, `Yours are: ${names}`);
}

/** The tenant that a key opens. */
export async function tenantOfKey(io: Io, url: string, apiKey: string): Promise<{ readonly id: string; readonly name: string }> {
  const { id, name } = (await take(createApi(url, { authorization: `Bearer ${apiKey}` }, io.interrupted).GET('/me'))).tenant;
  return { id, name };
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
