import type { IncomingMessage } from 'node:http';
import { type Duplex, pipeline } from 'node:stream';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { secretHash, secretMatches } from '../../activities/platform/ids.ts';
import type { HostLink } from '../../activities/runtime/host/host-link.ts';
import { INTERNAL_STREAM_PROTOCOL, readStreamQuery } from '../../workflows/contracts/bridge-protocol.ts';
import { FAILURES, Failure } from '../../workflows/contracts/failures.ts';
import type { ChangeOutcome, TargetRef } from '../../workflows/contracts/rollout.ts';
import { toFailure } from '../http/problem.ts';

const BODY_LIMIT = '4mb';
const install = z.strictObject({ npm: z.string().max(300).optional(), pip: z.string().max(300).optional() }).nullable();
const runtime = z.strictObject({
  type: z.string().max(100),
  version: z.string().max(100),
  install,
  node: z.string().max(200).nullable(),
  remove: z.array(z.string().max(500)).max(20).optional(),
});
const prepareBody = z.strictObject({ runtime });
const execBody = z.strictObject({
  runtime,
  command: z.array(z.string()).min(1),
  env: z.record(z.string(), z.string()),
  files: z.array(z.strictObject({ path: z.string().max(500), content: z.string() })),
  timeoutSeconds: z.number().positive().max(300),
});

const targetBody = z.strictObject({
  tenantId: z.string(),
  rolloutId: z.string(),
  instanceId: z.string(),
  direction: z.enum(['forward', 'back']),
  batchId: z.string(),
});

/** Changes an instance for a rollout. */
export type ChangeTarget = (target: TargetRef) => Promise<ChangeOutcome>;

/** The routes only the worker may call, at `/internal/hosts/:hostId/…` and `/internal/rollout-targets`; mounted at the root of the API. */
export function internalRoutes(link: HostLink, serviceToken: string, changeTarget?: ChangeTarget): Router {
  const router = express.Router();
  const hash = secretHash(serviceToken);
  router.use('/internal', (request, response, next) => {
    if (isWorker(request, hash)) next();
    else refuse(response, new Failure('UNAUTHENTICATED'));
  });
  router.use('/internal', express.json({ limit: BODY_LIMIT }));
  router.post('/internal/hosts/:hostId/prepare', async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    await answer(response, async () => {
      await link.prepare(request.params.hostId, parsed(prepareBody, request.body).runtime, gone.signal);
      return {};
    });
  });
  router.post('/internal/hosts/:hostId/exec', (request, response) => answer(response, () => link.exec(request.params.hostId, parsed(execBody, request.body))));
  if (changeTarget) router.post('/internal/rollout-targets', (request, response) => answer(response, () => changeTarget(parsed(targetBody, request.body))));
  router.use('/internal', (_request, response) => refuse(response, new Failure('NOT_FOUND')));
  router.use('/internal', (error: unknown, _request: Request, response: Response, _next: NextFunction) => refuse(response, toFailure(error)));
  return router;
}

/** Answers an upgrade to a byte stream, `/internal/hosts/:hostId/stream`. False when the request is for somebody else. */
export function handleInternalUpgrade(link: HostLink, serviceToken: string): (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean {
  const hash = secretHash(serviceToken);
  return (request, socket, head) => {
    // What a stranger sends need not be a URL; then it is nobody's.
    const url = URL.parse(request.url ?? '/', 'http://internal');
    const hostId = /^\/internal\/hosts\/([\w-]+)\/stream$/.exec(url?.pathname ?? '')?.[1];
    if (!url || !hostId) return false;
    socket.on('error', () => undefined);
    if (!isWorker(request, hash)) refuseUpgrade(socket, new Failure('UNAUTHENTICATED'));
    else void joinStream(link, hostId, url, socket, head, request.headers.upgrade);
    return true;
  };
}

async function joinStream(link: HostLink, hostId: string, url: URL, socket: Duplex, head: Buffer, protocol: string | undefined): Promise<void> {
  try {
    const target = readStreamQuery((name) => url.searchParams.get(name));
    if (!target || protocol !== INTERNAL_STREAM_PROTOCOL) throw new Failure('MALFORMED_REQUEST', 'This is no stream that a host has.');
    const stream = await link.open(hostId, target);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${INTERNAL_STREAM_PROTOCOL}\r\nConnection: Upgrade\r\n\r\n`);
    if (head.length > 0) stream.write(head);
    // Each direction ends for itself; a break in one breaks both.
    pipeline(socket, stream, (error) => error && socket.destroy());
    pipeline(stream, socket, (error) => error && stream.destroy());
  } catch (error) {
    refuseUpgrade(socket, toFailure(error));
  }
}

function isWorker(request: IncomingMessage, hash: string): boolean {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  return token !== undefined && secretMatches(token, hash);
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new Failure('VALIDATION_FAILED', result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}

async function answer(response: Response, work: () => Promise<unknown>): Promise<void> {
  try {
    response.json(await work());
  } catch (error) {
    refuse(response, toFailure(error));
  }
}

function refuse(response: Response, failure: Failure): void {
  if (response.headersSent || response.destroyed) return;
  response
    .status(FAILURES[failure.code].status)
    .type('application/problem+json')
    .send(JSON.stringify(problem(failure)));
}

function refuseUpgrade(socket: Duplex, failure: Failure): void {
  const body = JSON.stringify(problem(failure));
  const head = `HTTP/1.1 ${FAILURES[failure.code].status} Refused\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  socket.end(head + body);
}

function problem(failure: Failure): { code: string; detail: string; status: number; title: string } {
  const { status, title } = FAILURES[failure.code];
  return { code: failure.code, detail: failure.message, status, title };
}
