import { createApi, takeNothing } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { profileName, readProfiles, removeProfile } from '../lib/profile.ts';

/** `claw logout`: the key is revoked on the platform and forgotten here. A platform that is away does not keep you signed in. */
export async function logout({ io, profile }: Context): Promise<void> {
  const file = await readProfiles(io.env);
  const name = profileName(file, io.env, profile);
  const known = file.profiles[name];
  if (!known) throw new CliError(ExitCode.notFound, `There is no profile "${name}".`, { code: 'NOT_FOUND' });
  const api = createApi(known.url, { authorization: `Bearer ${known.apiKey}` }, io.interrupted);
  let left: CliError | null = null;
  try {
    await takeNothing(api.DELETE('/api-keys/{id}', { params: { path: { id: known.keyId } } }));
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode === ExitCode.interrupted) throw error;
    // A key that is gone or refused is as good as revoked.
    if (error.exitCode !== ExitCode.notAllowed && error.exitCode !== ExitCode.notFound) left = error;
  }
  await removeProfile(io.env, name);
  io.stdout.write(`Signed out of ${known.url}; profile "${name}" is forgotten.\n`);
  if (left) {
    throw new CliError(left.exitCode, `The key ${known.keyId} could not be revoked: ${left.message}`, {
      ...left.details,
      nextStep: `Revoke it later: claw api-key revoke ${known.keyId}`,
    });
  }
}
