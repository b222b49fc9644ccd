import express, { type Request as ExpressRequest, Router } from 'express';
import { z } from 'zod';
import type { Logger } from '../../activities/platform/logger.ts';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { contextOf } from './request-context.ts';
import { CLIENT_IP_HEADER, type Sessions } from './session.ts';
import { recordSignIn } from './sign-in-event.ts';
import { validate } from './validate.ts';

const BODY_LIMIT = '64kb';
const SIGN_IN = '/api/auth/sign-in/email';

export interface AuthRouteDeps {
  readonly sessions: Sessions;
  readonly database: Database;
  readonly logger: Logger;
  readonly publicUrl: string;
}

/** better-auth under `/api/auth`; what goes wrong on our side is a problem document, as everywhere. */
export function authRoutes({ sessions, database, logger, publicUrl }: AuthRouteDeps): Router {
  const router = Router();
  router.use('/api/auth', express.raw({ type: () => true, limit: BODY_LIMIT }), async (request, response) => {
    refuseUnstorable(request);
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) for (const one of [value ?? []].flat()) headers.append(name, one);
    headers.set(CLIENT_IP_HEADER, request.socket.remoteAddress ?? '');
    const hasBody = !['GET', 'HEAD'].includes(request.method) && Buffer.isBuffer(request.body);
    const answer = await sessions.handler(
      new Request(new URL(request.originalUrl, publicUrl), {
        method: request.method,
        headers,
        ...(hasBody ? { body: new Uint8Array(request.body as Buffer) } : {}),
      }),
    );
    if (answer.status >= 500) throw new Failure('DATABASE_UNAVAILABLE', 'Sign-in is not possible now.');
    response.status(answer.status);
    answer.headers.forEach((value, name) => {
      if (name !== 'set-cookie') response.setHeader(name, value);
    });
    for (const cookie of answer.headers.getSetCookie()) response.appendHeader('Set-Cookie', cookie);
    response.setHeader('Cache-Control', 'no-store');
    const body = Buffer.from(await answer.arrayBuffer());
    if (answer.status === 200 && request.originalUrl.split('?')[0] === SIGN_IN) {
      const { requestId } = contextOf(response);
      // Whoever may come in comes in, also when nobody can be told.
      await recordSignIn(database, readJson(body.toString('utf8')), requestId).catch((error: Error) =>
        logger.warn({ requestId, kind: error.name }, 'a sign-in could not be noted'),
      );
    }
    response.send(body);
  });
  return router;
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
