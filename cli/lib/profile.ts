import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError, ExitCode, usageError } from './errors.ts';
import type { Io } from './io.ts';
import { parseUrl } from './parse.ts';

/** One platform a person is signed in to. `apiKey` is a secret: the file is readable by its owner only. */
export interface Profile {
  readonly url: string;
  readonly apiKey: string;
  /** Id of that key, so that signing out can revoke it. */
  readonly keyId: string;
  readonly email: string;
  /** The tenant that the key opens. */
  readonly tenant?: { readonly id: string; readonly name: string };
}

/** `config.json`: the profiles and which of them is used when none is named. */
export interface ProfileFile {
  readonly current: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

/** `$XDG_CONFIG_HOME/clawloops/config.json`, or below `~/.config`. */
export function profilePath(env: Io['env']): string {
  const base = env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config');
  return join(base, 'clawloops', 'config.json');
}

/** Reads the profiles; a file that is not there is an empty one. */
export async function readProfiles(env: Io['env']): Promise<ProfileFile> {
  const path = profilePath(env);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { current: 'default', profiles: {} };
    throw new CliError(ExitCode.failed, `The profiles in ${path} cannot be read: ${(error as Error).message}.`);
  }
  try {
    const parsed = JSON.parse(text) as ProfileFile;
    if (typeof parsed.current === 'string' && typeof parsed.profiles === 'object' && parsed.profiles !== null) return parsed;
  } catch {
    // Reported below, together with JSON of another shape.
  }
  throw new CliError(ExitCode.failed, `${path} does not hold profiles.`, { nextStep: 'Remove the file and sign in again: claw login.' });
}

/** Replaces the file in one step, so that a killed command leaves the old or the new one, mode 0600 from the first byte. */
export async function writeProfiles(env: Io['env'], file: ProfileFile): Promise<void> {
  const path = profilePath(env);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(next, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}

/** Adds or replaces a profile and makes it the current one. */
export async function saveProfile(env: Io['env'], name: string, profile: Profile): Promise<void> {
  const file = await readProfiles(env);
  await writeProfiles(env, { current: name, profiles: { ...file.profiles, [name]: profile } });
}

/** Forgets a profile; another one, if there is any, becomes the current one. */
export async function removeProfile(env: Io['env'], name: string): Promise<void> {
  const file = await readProfiles(env);
  const { [name]: _removed, ...rest } = file.profiles;
  await writeProfiles(env, { current: file.current === name ? (Object.keys(rest)[0] ?? 'default') : file.current, profiles: rest });
}

/** Where a command goes and as whom. `profile` is null when the environment alone says it. */
export interface Target {
  readonly url: string;
  readonly apiKey: string;
  readonly profile: string | null;
}

/** The profile's name from `--profile`, `CLAW_PROFILE` or the file. */
export function profileName(file: ProfileFile, env: Io['env'], flag: string | undefined): string {
  return flag ?? env['CLAW_PROFILE'] ?? file.current;
}

/**
 * Chooses platform and key: `CLAW_URL` and `CLAW_API_KEY` before the profile. The key of a profile is sent to the address it
 * was made for and to no other.
 */
export function resolveTarget(file: ProfileFile, env: Io['env'], flag: string | undefined): Target {
  const name = profileName(file, env, flag);
  const profile = file.profiles[name];
  if (flag !== undefined && !profile) throw usageError(`There is no profile "${flag}".`, `Sign in with it: claw login --profile ${flag}`);
  const url = env['CLAW_URL'] ? parseUrl(env['CLAW_URL']) : profile?.url;
  if (!url)
    throw new CliError(ExitCode.notAllowed, 'You are not signed in to a platform.', {
      code: 'UNAUTHENTICATED',
      nextStep: 'Sign in: claw login --url URL --email YOU',
    });
  if (env['CLAW_API_KEY']) return { url, apiKey: env['CLAW_API_KEY'], profile: null };
  if (!profile || profile.url !== url) {
    throw new CliError(ExitCode.notAllowed, `There is no key for ${url}.`, {
      code: 'UNAUTHENTICATED',
      nextStep: 'Set CLAW_API_KEY, or sign in: claw login --url URL --email YOU',
    });
  }
  return { url, apiKey: profile.apiKey, profile: name };
}

/** The name of the profile that is signed in to this tenant, by name or id; the current one first. Throws when there is none. */
export function profileOfTenant({ current, profiles }: ProfileFile, tenant: string): string {
  const isThere = (name: string) => [profiles[name]?.tenant?.id, profiles[name]?.tenant?.name].includes(tenant);
  const found = [current, ...Object.keys(profiles)].find(isThere);
  if (found !== undefined) return found;
  throw new CliError(ExitCode.notFound, `No profile is signed in to the tenant "${tenant}".`, {
    code: 'NOT_FOUND',
    nextStep: `Sign in to it: claw login --profile NAME --tenant ${tenant}`,
  });
}
