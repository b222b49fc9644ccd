import * as openid from 'openid-client';
import type { OutboundFetch } from '../../activities/platform/outbound-fetch.ts';
import { authorizationUrl, discover, explain, newHandshake, type ProviderSettings } from './identity-provider.ts';
import { type SsoCheck, SsoCheckName } from './sso.schema.ts';

/** What one look found; throws what went wrong. */
type Look = (config: openid.Configuration) => Promise<string>;

/** Tries everything of a provider that can be tried without a person: each look is made only when the one before it found nothing wrong. */
export async function tryProvider(fetch: OutboundFetch, settings: ProviderSettings, redirectUri: string): Promise<SsoCheck[]> {
  const looks: readonly (readonly [SsoCheckName, Look])[] = [
    [SsoCheckName.discovery, describesItself],
    [SsoCheckName.keys, (config) => hasKeys(fetch, config)],
    [SsoCheckName.authorization, (config) => asksPeople(fetch, config, settings, redirectUri)],
    [SsoCheckName.client, (config) => knowsTheClient(config, redirectUri)],
  ];
  const checks: SsoCheck[] = [];
  let config: openid.Configuration | null = null;
  for (const [name, look] of looks) {
    if (checks.some(({ state }) => state === 'failed')) {
      checks.push({ name, state: 'skipped', message: 'Not tried, because of what failed before.' });
      continue;
    }
    try {
      config ??= await discover(fetch, settings);
      checks.push({ name, state: 'passed', message: await look(config) });
    } catch (error) {
      checks.push({ name, state: 'failed', message: error instanceof Unfit ? error.message : explain(error).message });
    }
  }
  return checks;
}

/** A finding in words of ours. */
class Unfit extends Error {}

async function describesItself(config: openid.Configuration): Promise<string> {
  const { issuer, authorization_endpoint, token_endpoint, jwks_uri, response_types_supported: types } = config.serverMetadata();
  const missing = Object.entries({ authorization_endpoint, token_endpoint, jwks_uri }).flatMap(([name, value]) => (value ? [] : [name]));
  if (missing.length > 0) throw new Unfit(`Its description has no ${missing.join(', ')}: it is no OpenID Connect provider for the code flow.`);
  if (types && !types.includes('code')) throw new Unfit('It does not offer the code flow (response_types_supported has no code).');
  return `It answers as ${issuer}.`;
}

async function hasKeys(fetch: OutboundFetch, config: openid.Configuration): Promise<string> {
  const answer = await fetch(String(config.serverMetadata().jwks_uri), { headers: { accept: 'application/json' } });
  const { keys } = (await answer.json().catch(() => ({}))) as { keys?: readonly { use?: string }[] };
  const signing = Array.isArray(keys) ? keys.filter(({ use }) => use === undefined || use === 'sig').length : 0;
  if (!answer.ok || signing === 0) throw new Unfit(`Its keys (jwks_uri) cannot be read: it answered ${answer.status} with ${signing} keys for signatures.`);
  return signing === 1 ? 'It has one key for signatures.' : `It has ${signing} keys for signatures.`;
}

/** The page that people would see: an answer that sends the browser straight back, or that is an error, is one they would not get past. */
async function asksPeople(fetch: OutboundFetch, config: openid.Configuration, settings: ProviderSettings, redirectUri: string): Promise<string> {
  const url = await authorizationUrl(config, settings, newHandshake(), { redirectUri });
  const answer = await fetch(url.href, { headers: { accept: 'text/html' } });
  const location = answer.headers.get('location');
  const error = location && URL.canParse(location, url.href) ? new URL(location, url).searchParams.get('error') : null;
  if (error) throw new Unfit(`It refuses the question: ${error.slice(0, 100)}. Check the scopes and what the client may do.`);
  if (answer.status >= 400) {
    throw new Unfit(`Its sign-in page answers ${answer.status}. Check the client id, and that ${redirectUri} is registered as a redirect URI.`);
  }
  return 'It takes the client, its redirect URI and the scopes.';
}

/** Redeems a code that cannot exist: a provider that knows the client says that the code is wrong, not the client. */
async function knowsTheClient(config: openid.Configuration, redirectUri: string): Promise<string> {
  const { codeVerifier } = newHandshake();
  try {
    await openid.genericGrantRequest(config, 'authorization_code', {
      code: 'a-code-that-was-never-given',
      redirect_uri: redirectUri,
      code_verifier: codeVerifier,
    });
  } catch (error) {
    const said = error instanceof openid.ResponseBodyError ? error.error : null;
    const challenged = error instanceof openid.WWWAuthenticateChallengeError;
    if (said === 'invalid_grant') return 'It knows the client and its secret.';
    if (challenged || said === 'invalid_client' || said === 'unauthorized_client') throw new Unfit('It does not accept the client id with this client secret.');
    if (said !== null) return `It answers to the client: ${said.slice(0, 100)}.`;
    throw error;
  }
  throw new Unfit('It accepted a code that it never gave.');
}
