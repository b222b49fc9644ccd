import { ExitCode } from './errors.ts';

/** What each exit code means, in a few words. */
const EXIT_MEANINGS: Readonly<Record<keyof typeof ExitCode, string>> = {
  ok: 'done',
  failed: 'failed',
  usage: 'not valid',
  notFound: 'not found',
  notAllowed: 'not signed in or not allowed',
  timeout: 'time-out',
  conflict: 'conflict',
  unreachable: 'platform not reachable',
  interrupted: 'interrupted',
};

/** Exit codes with their meaning, in the order of the codes. */
export const EXIT_CODES: readonly (readonly [number, string])[] = Object.entries(ExitCode).map(([name, code]) => [
  code,
  EXIT_MEANINGS[name as keyof typeof ExitCode],
]);

/** Environment variables that `claw` reads. */
export const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['CLAW_URL', 'address of the platform, before the profile’s'],
  ['CLAW_API_KEY', 'key to come with, before the profile’s'],
  ['CLAW_PROFILE', 'name of the profile'],
  ['XDG_CONFIG_HOME', 'folder above clawloops/config.json (default: ~/.config)'],
  ['NO_COLOR', 'turns colour off'],
  ['CI', 'when set, nobody is asked anything'],
];

/** Files that `claw` keeps. */
export const FILES: readonly (readonly [string, string])[] = [
  ['~/.config/clawloops/config.json', 'profiles: addresses and keys of the platforms you signed in to; readable by you only'],
];

/** Below the help of `claw` itself. */
export const EPILOGUE = `
Environment: CLAW_URL and CLAW_API_KEY say where and as whom, before the profile; CLAW_PROFILE names the profile; NO_COLOR turns colour off.
Exit codes: ${EXIT_CODES.map(([code, meaning]) => `${code} ${meaning}`).join(', ')}.
Manual: claw man | man -l -`;
