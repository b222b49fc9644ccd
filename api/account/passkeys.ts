import { randomBytes } from 'node:crypto';
import {
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { AccountHolder, Sessions } from '../http/session.ts';
import type { PasskeyView } from './passkey.schema.ts';

export interface PasskeyDeps {
  readonly database: Database;
  readonly sessions: Sessions;
  readonly publicUrl: string;
}

/** What a browser is asked to do; `ceremony` is the name under which the challenge is remembered. */
export interface Ceremony {
  readonly ceremony: string;
  readonly options: Record<string, unknown>;
}

interface PasskeyRow {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly credential_id: string;
  readonly public_key: Buffer;
  readonly counter: string;
  readonly transports: AuthenticatorTransport[];
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

const CEREMONY_MS = 5 * 60_000;
const COLUMNS = 'id, user_id, name, credential_id, public_key, counter, transports, created_at, last_used_at';

const present = (row: PasskeyRow): PasskeyView => ({
  id: row.id,
  name: row.name,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
});

/** Where passkeys hold: the host that people type, and nothing above or beside it. */
function place(publicUrl: string): { readonly rpID: string; readonly origin: string } {
  const { hostname, origin } = new URL(publicUrl);
  return { rpID: hostname, origin };
}

export async function listPasskeys({ database }: PasskeyDeps, userId: string): Promise<PasskeyView[]> {
  const { rows } = await database.pool.query<PasskeyRow>(`SELECT ${COLUMNS} FROM auth.passkey WHERE user_id = $1 ORDER BY created_at, id`, [userId]);
  return rows.map(present);
}

/** Options that leave out authenticators which have a passkey of the person already. */
export async function beginRegistration(deps: PasskeyDeps, user: AccountHolder): Promise<Ceremony> {
  const { rows } = await deps.database.pool.query<PasskeyRow>(`SELECT ${COLUMNS} FROM auth.passkey WHERE user_id = $1`, [user.id]);
  const options = await generateRegistrationOptions({
    rpName: 'ClawLoops',
    rpID: place(deps.publicUrl).rpID,
    userID: new TextEncoder().encode(user.id),
    userName: user.email,
    userDisplayName: user.name,
    attestationType: 'none',
    excludeCredentials: rows.map(({ credential_id: id, transports }) => ({ id, transports })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  return remember(deps, `add:${user.id}`, options.challenge, options);
}

/** Throws CODE_INVALID for an answer that is not the one to this challenge. */
export async function finishRegistration(
  deps: PasskeyDeps,
  user: AccountHolder,
  { ceremony, response, name }: { readonly ceremony: string; readonly response: object; readonly name: string },
): Promise<PasskeyView> {
  const { rpID, origin } = place(deps.publicUrl);
  const expectedChallenge = await recall(deps, `add:${user.id}`, ceremony);
  const verified = await verifyRegistrationResponse({
    response: response as RegistrationResponseJSON,
    expectedChallenge,
    expectedOrigin: origin,
    expectedRPID: rpID,
    requireUserVerification: true,
  }).catch(() => null);
  if (!verified?.verified) throw new Failure('CODE_INVALID', 'The answer of the authenticator does not fit.');
  const { credential } = verified.registrationInfo;
  const { rows } = await deps.database.pool.query<PasskeyRow>(
    `INSERT INTO auth.passkey (id, user_id, name, credential_id, public_key, counter, transports) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (credential_id) DO NOTHING RETURNING ${COLUMNS}`,
    [randomBytes(16).toString('hex'), user.id, name, credential.id, Buffer.from(credential.publicKey), credential.counter, credential.transports ?? []],
  );
  if (!rows[0]) throw new Failure('CODE_INVALID', 'That passkey is known already.');
  return present(rows[0]);
}

/** Throws NOT_FOUND for a passkey that is not the person's. */
export async function removePasskey({ database }: PasskeyDeps, userId: string, id: string): Promise<void> {
  const { rowCount } = await database.pool.query('DELETE FROM auth.passkey WHERE id = $1 AND user_id = $2', [id, userId]);
  if (rowCount !== 1) throw new Failure('NOT_FOUND', 'There is no such passkey.');
}

/** For whoever has one: the browser finds which passkey it is. */
export async function beginSignIn(deps: PasskeyDeps): Promise<Ceremony> {
  const options = await generateAuthenticationOptions({ rpID: place(deps.publicUrl).rpID, userVerification: 'required' });
  return remember(deps, 'sign-in', options.challenge, options);
}

/** Whose passkey answered. Throws UNAUTHENTICATED for one that is not known or does not fit, CODE_INVALID when it took too long. */
export async function finishSignIn(deps: PasskeyDeps, { ceremony, response }: { readonly ceremony: string; readonly response: object }): Promise<string> {
  const { rpID, origin } = place(deps.publicUrl);
  const answer = response as AuthenticationResponseJSON;
  const expectedChallenge = await recall(deps, 'sign-in', ceremony);
  const { rows } = await deps.database.pool.query<PasskeyRow>(`SELECT ${COLUMNS} FROM auth.passkey WHERE credential_id = $1`, [String(answer.id)]);
  const [row] = rows;
  if (!row) throw new Failure('UNAUTHENTICATED', 'That passkey is not known here.', { nextStep: 'Sign in another way and add it again.' });
  const verified = await verifyAuthenticationResponse({
    response: answer,
    expectedChallenge,
    expectedOrigin: origin,
    expectedRPID: rpID,
    requireUserVerification: true,
    credential: { id: row.credential_id, publicKey: new Uint8Array(row.public_key), counter: Number(row.counter), transports: row.transports },
  }).catch(() => null);
  if (!verified?.verified) throw new Failure('UNAUTHENTICATED', 'The answer of the passkey does not fit.', { nextStep: 'Try again.' });
  await deps.database.pool.query('UPDATE auth.passkey SET counter = greatest(counter, $2), last_used_at = now() WHERE id = $1', [
    row.id,
    verified.authenticationInfo.newCounter,
  ]);
  return row.user_id;
}

async function remember({ sessions }: PasskeyDeps, purpose: string, challenge: string, options: object): Promise<Ceremony> {
  const ceremony = randomBytes(24).toString('base64url');
  const { internalAdapter } = await sessions.$context;
  const expiresAt = new Date(Date.now() + CEREMONY_MS);
  await internalAdapter.createVerificationValue({ identifier: `passkey:${purpose}:${ceremony}`, value: challenge, expiresAt });
  return { ceremony, options: { ...options } };
}

/** The challenge, once. */
async function recall({ sessions }: PasskeyDeps, purpose: string, ceremony: string): Promise<string> {
  const { internalAdapter } = await sessions.$context;
  const kept = await internalAdapter.consumeVerificationValue(`passkey:${purpose}:${ceremony}`);
  if (!kept || kept.expiresAt < new Date()) throw new Failure('CODE_INVALID', 'It took too long.', { nextStep: 'Begin again.' });
  return kept.value;
}
