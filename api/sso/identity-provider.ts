import * as openid from 'openid-client';
import type { OutboundFetch } from '../../activities/platform/outbound-fetch.ts';
import { Failure, isFailure } from '../../workflows/contracts/failures.ts';
import { LOOPBACK } from '../http/origins.ts';
import { groupsIn } from './sso-roles.ts';

/** A client at an identity provider. */
export interface ProviderSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly scopes: readonly string[];
}

/** What binds an answer of a provider to the question. */
export interface Handshake {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** What a provider vouches for. */
export interface Claims {
  readonly subject: string;
  /** In small letters. */
  readonly email: string | null;
  /** What the provider says of it; null when it says nothing. */
  readonly emailVerified: boolean | null;
  readonly name: string | null;
  readonly groups: readonly string[];
}

/** Throws VALIDATION_FAILED for an issuer that anybody on the way could pretend to be. */
export function checkIssuer(issuer: string): void {
  const { protocol, hostname, username, password, search, hash } = new URL(issuer);
  const message =
    protocol !== 'https:' && !LOOPBACK.includes(hostname)
      ? 'must begin with https://, except for a provider on this machine'
      : username || password || search || hash
        ? 'must have no user, query or fragment'
        : null;
  if (message) throw new Failure('VALIDATION_FAILED', `/issuer: ${message}`, { errors: [{ path: '/issuer', message }] });
}

export function newHandshake(): Handshake {
  return { state: openid.randomState(), nonce: openid.randomNonce(), codeVerifier: openid.randomPKCECodeVerifier() };
}

/** What the provider says of itself, ready to be used. Throws as {@link explain} says. */
export async function discover(fetch: OutboundFetch, { issuer, clientId, clientSecret }: Omit<ProviderSettings, 'scopes'>): Promise<openid.Configuration> {
  const insecure = issuer.startsWith('http:') ? [openid.allowInsecureRequests] : [];
  const customFetch: openid.CustomFetch = (url, init) => fetch(url, init);
  const options = { execute: insecure, [openid.customFetch]: customFetch };
  const found = await explained(openid.discovery(new URL(issuer), clientId, undefined, openid.None(), options));
  const metadata = found.serverMetadata();
  const config = new openid.Configuration(metadata, clientId, undefined, authenticationOf(metadata, clientSecret));
  config[openid.customFetch] = customFetch;
  for (const allow of insecure) allow(config);
  // Signatures are looked at although the token comes straight from the provider.
  openid.enableNonRepudiationChecks(config);
  return config;
}

/** As the provider wants it; where it says nothing the standard says `client_secret_basic`. */
function authenticationOf(
  { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] }: openid.ServerMetadata,
  secret: string | null,
): openid.ClientAuth {
  if (secret === null) return openid.None();
  return methods.includes('client_secret_basic') ? openid.ClientSecretBasic(secret) : openid.ClientSecretPost(secret);
}

/** Where to send a browser. */
export async function authorizationUrl(
  config: openid.Configuration,
  { scopes }: Pick<ProviderSettings, 'scopes'>,
  { state, nonce, codeVerifier }: Handshake,
  { redirectUri, loginHint }: { readonly redirectUri: string; readonly loginHint?: string },
): Promise<URL> {
  return openid.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    state,
    nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...(loginHint ? { login_hint: loginHint } : {}),
  });
}

/** What the provider vouches for when the browser has come back to `answered`. Throws as {@link explain} says. */
export async function redeem(
  config: openid.Configuration,
  answered: URL,
  { state, nonce, codeVerifier }: Handshake,
  groupsClaim: string | null,
): Promise<Claims> {
  const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier, idTokenExpected: true };
  const tokens = await explained(openid.authorizationCodeGrant(config, answered, checks));
  const claims = tokens.claims();
  if (!claims) throw new Failure('SSO_FAILED', 'The identity provider sent no ID token.');
  const known: Record<string, unknown> = { ...claims };
  const lacks = typeof known.email !== 'string' || (groupsClaim !== null && known[groupsClaim] === undefined);
  if (lacks && config.serverMetadata().userinfo_endpoint) {
    Object.assign(known, await explained(openid.fetchUserInfo(config, tokens.access_token, claims.sub)));
  }
  const { email, email_verified: verified, name } = known;
  return {
    subject: claims.sub,
    email: typeof email === 'string' ? email.trim().toLowerCase() : null,
    // Some write it as a word.
    emailVerified: verified === undefined || verified === null ? null : verified === true || verified === 'true',
    name: typeof name === 'string' && name.trim() ? name.trim().slice(0, 100) : null,
    groups: groupsClaim === null ? [] : groupsIn(known[groupsClaim]),
  };
}

/** What went wrong with a provider as a Failure: SSO_UNAVAILABLE when it does not answer, else SSO_FAILED. Its message holds no secret. */
export function explain(error: unknown): Failure {
  if (isFailure(error)) return error;
  const chain = causesOf(error);
  const refused = chain.find(isFailure);
  if (refused) return refused;
  const network =
    chain.find((one) => typeof one.code === 'string' && /^(E[A-Z]+|CERT_|DEPTH_|UNABLE_|SELF_)/.test(one.code)) ??
    chain.find(({ name }) => name === 'TimeoutError');
  if (network) return new Failure('SSO_UNAVAILABLE', `The identity provider does not answer: ${network.code ?? 'it took too long'}.`);
  const answered = chain.find((one): one is NodeJS.ErrnoException & { error: string } => typeof (one as { error?: unknown }).error === 'string');
  if (answered) return new Failure('SSO_FAILED', `The identity provider refused: ${answered.error.slice(0, 100)}.`);
  return new Failure('SSO_FAILED', `The answer of the identity provider does not fit: ${(chain.at(-1)?.message ?? 'it is not known why').slice(0, 200)}.`);
}

async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw explain(error);
  }
}

function causesOf(error: unknown): NodeJS.ErrnoException[] {
  const chain: NodeJS.ErrnoException[] = [];
  for (let one = error; one instanceof Error && chain.length < 5; one = one.cause) chain.push(one);
  return chain;
}
