import express, { type Request as ExpressRequest, type Response as ExpressResponse, Router } from 'express';
import { z } from 'zod';
import type { Logger } from '../../activities/platform/logger.ts';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { contextOf } from './request-context.ts';
import { AUTH_PATHS, CLIENT_IP_HEADER, type Sessions } from './session.ts';
import { recordSignIn } from './sign-in-event.ts';
import type { SignInAttempt, SignInWaits } from './sign-in-waits.ts';
import { validate } from './validate.ts';

const BASE = '/api/auth';
const BODY_LIMIT = '64kb';
const SIGN_IN = '/sign-in/email';
/** Where somebody who is not signed in yet may become it. */
const ENTRIES: readonly string[] = [SIGN_IN, '/two-factor/verify-totp', '/two-factor/verify-backup-code'];

const credentials = z.object({ email: z.string() });

export interface AuthRouteDeps {
  readonly sessions: Sessions;
  readonly waits: SignInWaits;
  readonly database: Database;
  readonly logger: Logger;
  readonly publicUrl: string;
}

/** What people reach of better-auth, under `/api/auth`; what goes wrong on our side is a problem document, as everywhere. */
export function authRoutes(deps: AuthRouteDeps): Router {
  const router = Router();
  router.use(BASE, express.raw({ type: () => true, limit: BODY_LIMIT }), async (request, response) => {
    if (!AUTH_PATHS.includes(request.path)) throw new Failure('NOT_FOUND', 'There is no such path.');
    refuseUnstorable(request);
    const attempt = attemptOf(request, response);
    if (attempt) await waitedLongEnough(deps.waits, attempt, response);
    const answer = await deps.sessions.handler(toFetch(request, deps.publicUrl));
    if (answer.status >= 500) throw new Failure('DATABASE_UNAVAILABLE', 'Sign-in is not possible now.');
    const body = Buffer.from(await answer.arrayBuffer());
    if (answer.status === 200) {
      if (attempt) await deps.waits.succeeded(attempt);
      await noteSignIn(deps, request, response, body);
    }
    send(response, answer, body);
  });
  return router;
}

function toFetch(request: ExpressRequest, publicUrl: string): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) for (const one of [value ?? []].flat()) headers.append(name, one);
  headers.set(CLIENT_IP_HEADER, request.ip ?? '');
  const hasBody = !['GET', 'HEAD'].includes(request.method) && Buffer.isBuffer(request.body);
  return new Request(new URL(request.originalUrl, publicUrl), {
    method: request.method,
    headers,
    ...(hasBody ? { body: new Uint8Array(request.body as Buffer) } : {}),
  });
}

function send(response: ExpressResponse, answer: Response, body: Buffer): void {
  response.status(answer.status);
  answer.headers.forEach((value, name) => {
    if (name !== 'set-cookie') response.setHeader(name, value);
  });
  for (const cookie of answer.headers.getSetCookie()) response.appendHeader('Set-Cookie', cookie);
  response.setHeader('Cache-Control', 'no-store');
  response.send(body);
}

/** Who tries which account with a password; null for every other request. */
function attemptOf(request: ExpressRequest, response: ExpressResponse): SignInAttempt | null {
  if (request.path !== SIGN_IN || !Buffer.isBuffer(request.body)) return null;
  const given = credentials.safeParse(readJson(request.body.toString('utf8')));
  return given.success ? { email: given.data.email, ip: contextOf(response).ip } : null;
}

async function waitedLongEnough(waits: SignInWaits, attempt: SignInAttempt, response: ExpressResponse): Promise<void> {
  const seconds = await waits.begin(attempt);
  if (seconds === 0) return;
  response.setHeader('Retry-After', String(seconds));
  throw new Failure('RATE_LIMITED', `After several wrong passwords the next may be tried in ${seconds} s.`);
}

/** Whoever may come in comes in, also when nobody can be told. */
async function noteSignIn({ database, logger }: AuthRouteDeps, request: ExpressRequest, response: ExpressResponse, body: Buffer): Promise<void> {
  // Somebody who is signed in and turns the second step on answers the same questions.
  const isEntry = ENTRIES.includes(request.path) && (request.path === SIGN_IN || /two_factor=[^;]/.test(request.headers.cookie ?? ''));
  const answer = readJson(body.toString('utf8'));
  // The password was right, and the second step is still to come.
  if (!isEntry || (answer as { twoFactorRedirect?: unknown } | null)?.twoFactorRedirect) return;
  const { requestId } = contextOf(response);
  await recordSignIn(database, answer, requestId).catch((error: Error) => logger.warn({ requestId, kind: error.name }, 'a sign-in could not be noted'));
}

/** What better-auth would hand to the database although that cannot keep it. A body that is no JSON is left to better-auth to refuse. */
function refuseUnstorable({ body, query }: ExpressRequest): void {
  validate(z.unknown(), query, '/query');
  if (Buffer.isBuffer(body)) validate(z.unknown(), readJson(body.toString('utf8')));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
