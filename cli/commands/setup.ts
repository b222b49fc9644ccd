import { platformUrl, profileToWrite } from '../lib/account.ts';
import { createApi, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { saveProfile } from '../lib/profile.ts';
import { askSecret } from '../lib/prompt.ts';

interface SetupOptions {
  readonly url?: string;
  readonly token: string;
  readonly email: string;
  readonly name?: string;
  readonly passwordStdin?: boolean;
}

/** `claw setup`: the first admin, and a profile with a key for this machine. */
export async function setup(context: Context, _args: readonly string[], options: SetupOptions): Promise<void> {
  const { io } = context;
  const url = await platformUrl(context, options.url);
  const password = await askSecret(io, 'Password', options.passwordStdin, '--password-stdin');
  const name = options.name ?? options.email.split('@')[0] ?? options.email;
  const api = createApi(url, {}, io.interrupted);
  const made = await take(api.POST('/setup', { params: { query: { key: 'true' } }, body: { code: options.token, email: options.email, name, password } }));
  if (!made.apiKey || !made.secret)
    throw new CliError(ExitCode.failed, 'The platform is set up, but gave no key for this machine.', {
      nextStep: `Sign in: claw login --url ${url} --email ${options.email}`,
    });
  const profile = await profileToWrite(context);
  await saveProfile(io.env, profile, { url, apiKey: made.secret, keyId: made.apiKey.id, email: made.user.email });
  io.stdout.write(`${made.user.email} is the owner of ${made.tenant.name} on ${url}. Signed in with profile "${profile}".\n`);
}
