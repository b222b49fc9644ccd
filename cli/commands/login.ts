import { keyByPassword, platformUrl, profileToWrite } from '../lib/account.ts';
import type { Context } from '../lib/context.ts';
import { readProfiles, saveProfile } from '../lib/profile.ts';
import { askSecret, askText } from '../lib/prompt.ts';

interface LoginOptions {
  readonly url?: string;
  readonly email?: string;
  readonly passwordStdin?: boolean;
}

/** `claw login`: a profile with a key of its own for this machine. */
export async function login(context: Context, _args: readonly string[], options: LoginOptions): Promise<void> {
  const { io } = context;
  const url = await platformUrl(context, options.url);
  const profile = await profileToWrite(context);
  const known = (await readProfiles(io.env)).profiles[profile];
  const email = options.email ?? (known?.url === url ? known.email : undefined) ?? (await askText(io, 'E-mail', '--email YOU'));
  const password = await askSecret(io, `Password of ${email}`, options.passwordStdin, '--password-stdin');
  const { apiKey, secret } = await keyByPassword(io, url, email, password);
  await saveProfile(io.env, profile, { url, apiKey: secret, keyId: apiKey.id, email });
  io.stdout.write(`Signed in to ${url} as ${email} with profile "${profile}".\n`);
}
