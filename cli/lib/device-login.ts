import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { unreachable } from './client.ts';
import { CliError, ExitCode, problemError } from './errors.ts';
import type { Io } from './io.ts';
import { openInBrowser } from './opener.ts';

const CLIENT = 'claw';
const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const SLOWER_SECONDS = 5;

interface DeviceCode {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
}

interface Refusal {
  readonly error?: string;
  readonly error_description?: string;
}

/**
 * Signs in by the person's browser: shows an address and a code, and waits until somebody who is signed in there lets this program in.
 * Answers an API key of theirs. Throws CliError when they say no or nobody decides in time.
 */
export async function keyByBrowser(io: Io, url: string): Promise<string> {
  const begun = await post(io, url, 'code', { client_id: CLIENT, device_name: hostname().slice(0, 80) });
  if (!begun.ok) throw problemError(begun.status, (await begun.json().catch(() => ({}))) as object, begun.headers.get('x-request-id'));
  const code = (await begun.json()) as DeviceCode;
  io.stderr.write(`Open ${code.verification_uri} and enter the code ${code.user_code}\n`);
  await openInBrowser(io, code.verification_uri_complete);
  let interval = code.interval;
  for (let waited = 0; waited < code.expires_in; waited += interval) {
    await sleep(interval * 1000, undefined, { signal: io.interrupted });
    const answer = await post(io, url, 'token', { grant_type: GRANT, device_code: code.device_code, client_id: CLIENT });
    if (answer.ok) return ((await answer.json()) as { access_token: string }).access_token;
    const { error, error_description: reason } = (await answer.json().catch(() => ({}))) as Refusal;
    if (error === 'slow_down') interval += SLOWER_SECONDS;
    else if (error !== 'authorization_pending' && answer.status < 500) throw refused(reason);
  }
  throw refused('Nobody decided in time.');
}

function refused(reason = 'It was not let in.'): CliError {
  return new CliError(ExitCode.notAllowed, reason, { nextStep: 'Begin again: claw login --web' });
}

async function post(io: Io, url: string, path: 'code' | 'token', form: Readonly<Record<string, string>>): Promise<Response> {
  try {
    return await fetch(`${url}/api/auth/device/${path}`, { method: 'POST', body: new URLSearchParams(form), redirect: 'error', signal: io.interrupted });
  } catch (error) {
    throw unreachable(url, error);
  }
}
