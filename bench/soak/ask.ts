import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { loopbackUrl } from '../lib/fleet.ts';
import type { Outcome } from './ledger.ts';
import type { World } from './world.ts';

/** A request as a careful program would make it. */
export interface Request {
  readonly what: string;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  /** Below the base of the API, with its query. */
  readonly path: string;
  readonly body?: unknown;
  /** Send it twice at the same time with the same key, as a client does that lost patience. */
  readonly twice?: boolean;
}

export interface Answer {
  readonly outcome: Outcome;
  readonly instanceId: string | null;
}

const TRY_SECONDS = 20;
const TRIES_SECONDS = 90;
const PAUSE_MS = 500;
const UNKNOWN: Answer = { outcome: { kind: 'unknown' }, instanceId: null };

/** Asks for an operation and enters it in the ledger. A POST without an answer is repeated with its key until there is one, or 90 s are over. */
export async function askForOperation(world: World, request: Request): Promise<Answer> {
  const requestId = randomUUID();
  const at = world.asked.push({ requestId, what: request.what, outcome: UNKNOWN.outcome }) - 1;
  const once = () => untilAnswered(world, request, requestId);
  const [answer, second] = await (request.twice ? Promise.all([once(), once()]) : Promise.all([once()]));
  const outcome = request.twice && second ? together(world, request, answer, second) : answer.outcome;
  world.asked[at] = { requestId, what: request.what, outcome };
  world.journal.note('answer', { request: request.what, path: request.path, requestId, ...outcome });
  return { outcome, instanceId: answer.instanceId };
}

/** Two tries with one key are one request: both accepted means the same operation. One refused after the other was accepted cannot be. */
function together(world: World, { what }: Request, { outcome: a }: Answer, { outcome: b }: Answer): Outcome {
  if (a.kind === 'accepted' && b.kind === 'accepted' && a.operationId !== b.operationId)
    world.broken.push(`one key was accepted twice: ${what} ${a.operationId} ${b.operationId}`);
  if (a.kind === 'accepted') return a;
  if (b.kind === 'accepted') return b;
  return a.kind === 'unknown' ? a : b;
}

async function untilAnswered(world: World, request: Request, requestId: string): Promise<Answer> {
  const deadline = performance.now() + TRIES_SECONDS * 1000;
  let mayHaveHappened = false;
  while (performance.now() < deadline) {
    const response = await send(world, request, requestId).catch(() => null);
    if (response && response.status < 300) return accepted(await response.json().catch(() => null));
    if (response && response.status < 500) {
      const code = ((await response.json().catch(() => null)) as { code?: string } | null)?.code ?? String(response.status);
      // An earlier try may still have come through.
      return mayHaveHappened ? UNKNOWN : { outcome: { kind: 'refused', code }, instanceId: null };
    }
    mayHaveHappened = true;
    // Without a key a repetition would be another request.
    if (request.method !== 'POST') return UNKNOWN;
    await sleep(PAUSE_MS, undefined, { signal: world.signal });
  }
  return UNKNOWN;
}

/** Sends a request that makes no operation, such as a control, until somebody answers. Answers the status; 0 = nobody did. */
export async function askOnce(world: World, request: Request): Promise<number> {
  const response = await send(world, request, randomUUID()).catch(() => null);
  await response?.arrayBuffer().catch(() => undefined);
  return response?.status ?? 0;
}

function send({ fleet }: World, { method, path, body }: Request, requestId: string): Promise<Response> {
  return fetch(`${loopbackUrl(fleet)}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${fleet.apiKey}`,
      'x-request-id': requestId,
      ...(method === 'POST' ? { 'idempotency-key': requestId } : {}),
      ...(method === 'PUT' ? { 'if-match': '*' } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TRY_SECONDS * 1000),
  });
}

function accepted(body: unknown): Answer {
  const { operation } = (body ?? {}) as { operation?: { id: string; target: { id: string } } };
  if (!operation) return UNKNOWN;
  return { outcome: { kind: 'accepted', operationId: operation.id }, instanceId: operation.target.id };
}
