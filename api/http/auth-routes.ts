import express, { type Request as ExpressRequest, Router } from 'express';
import { z } from 'zod';
import { Failure } from '../../workflows/contracts/failures.ts';
import { CLIENT_IP_HEADER, type Sessions } from './session.ts';
import { validate } from './validate.ts';

const BODY_LIMIT = '64kb';

/** better-auth under `/api/auth`; what goes wrong on our side is a problem document, as everywhere. */
export function authRoutes(sessions: Sessions, publicUrl: string): Router {
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
    response.send(Buffer.from(await answer.arrayBuffer()));
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
