import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { profilePath, readProfiles, removeProfile, resolveTarget, saveProfile } from './profile.ts';

let folder: string;
const profile = { url: 'https://claws.example', apiKey: 'clp_secret', keyId: 'key_1', email: 'ada@example.com' };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claw-profile-'));
});
afterEach(() => rm(folder, { recursive: true }));

const env = (more: Record<string, string> = {}) => ({ XDG_CONFIG_HOME: folder, ...more });

test('a profile is readable by its owner only and leaves no other file behind', async () => {
  await saveProfile(env(), 'default', profile);
  expect((await stat(profilePath(env()))).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, 'clawloops'))).toEqual(['config.json']);
  expect(JSON.parse(await readFile(profilePath(env()), 'utf8'))).toEqual({ current: 'default', profiles: { default: profile } });
});

test('a profile that is signed out of makes room for the one that is left', async () => {
  await saveProfile(env(), 'work', { ...profile, url: 'https://work.example' });
  await saveProfile(env(), 'home', profile);
  await removeProfile(env(), 'home');
  const file = await readProfiles(env());
  expect([file.current, Object.keys(file.profiles)]).toEqual(['work', ['work']]);
});

test('the environment goes before the profile', async () => {
  await saveProfile(env(), 'default', profile);
  const file = await readProfiles(env());
  expect(resolveTarget(file, env(), undefined)).toEqual({ url: profile.url, apiKey: profile.apiKey, profile: 'default' });
  expect(resolveTarget(file, env({ CLAW_URL: 'http://127.0.0.1:1', CLAW_API_KEY: 'clp_other' }), undefined)).toEqual({
    url: 'http://127.0.0.1:1',
    apiKey: 'clp_other',
    profile: null,
  });
});

test('the key of a profile never goes to another address', async () => {
  await saveProfile(env(), 'default', profile);
  const file = await readProfiles(env());
  expect(() => resolveTarget(file, env({ CLAW_URL: 'https://elsewhere.example' }), undefined)).toThrow('There is no key for https://elsewhere.example.');
});

test('a profile that is named must exist, and without any the next step is to sign in', async () => {
  const file = await readProfiles(env());
  expect(() => resolveTarget(file, env(), 'work')).toThrow('There is no profile "work".');
  expect(() => resolveTarget(file, env(), undefined)).toThrow('You are not signed in to a platform.');
});
