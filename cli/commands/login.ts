import { keyByPassword, platformUrl, profileToWrite, tenantOfKey } from '../lib/account.ts';
import { createApi, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { keyByBrowser } from '../lib/device-login.ts';
import { readProfiles, saveProfile } from '../lib/profile.ts';
import { askSecret, askText } from '../lib/prompt.ts';

interface LoginOptions {
  readonly url?: string;
  readonly email?: string;
  readonly passwordStdin?: boolean;
  readonly web?: boolean;
  readonly tenant?: string;
}

/** `claw login`: a profile with a key of its own for this machine. */
export async function login(context: Context, _args: readonly string[], options: LoginOptions): Promise<void> {
  const { io } = context;
  const url = await platformUrl(context, options.url);
  const profile = await profileToWrite(context);
  if (options.web) return loginByBrowser(context, url, profile);
  const known = (await readProfiles(io.env)).profiles[profile];
  const email = options.email ?? (known?.url === url ? known.email : undefined) ?? (await askText(io, 'E-mail', '--email YOU'));
  const password = await askSecret(io, `Password of ${email}`, options.passwordStdin, '--password-stdin');
  const { apiKey, secret } = await keyByPassword(io, url, email, password, options.tenant);
  const tenant = await tenantOfKey(io, url, secret);
  await saveProfile(io.env, profile, { url, apiKey: secret, keyId: apiKey.id, email, tenant });
  io.stdout.write(`Signed in to ${url} as ${email} with profile "${profile}".\n`);
}

async function loginByBrowser({ io }: Context, url: string, profile: string): Promise<void> {
  const apiKey = await keyByBrowser(io, url);
  const { user, tenant } = await take(createApi(url, { authorization: `Bearer ${apiKey}` }, io.interrupted).GET('/me'));
  // The first part of a key is the id of it.
  await saveProfile(io.env, profile, { url, apiKey, keyId: `key_${apiKey.split('_')[1]}`, email: user.email, tenant: { id: tenant.id, name: tenant.name } });
  io.stdout.write(`Signed in to ${url} as ${user.email} with profile "${profile}".\n`);
}
