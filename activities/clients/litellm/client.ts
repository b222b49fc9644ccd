import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { Failure } from '../../../workflows/contracts/failures.ts';
import { createCircuitBreaker } from '../../platform/circuit-breaker.ts';
import type { OutboundGuard } from '../../platform/outbound.ts';

/** Paths of LiteLLM that the platform uses; each takes a POST with OpenAI's own body. */
export const ModelPath = {
  chatCompletions: '/v1/chat/completions',
  responses: '/v1/responses',
  embeddings: '/v1/embeddings',
} as const;
export type ModelPath = (typeof ModelPath)[keyof typeof ModelPath];

/** `body` names the model as LiteLLM knows it and may carry `api_key` and `api_base`; it must never be logged. */
export interface ModelRequest {
  readonly path: ModelPath;
  readonly body: Readonly<Record<string, unknown>>;
  /** Ends the request, upstream too, wherever it is. */
  readonly signal?: AbortSignal;
  /** Longest silence before and during the answer, in milliseconds. */
  readonly silenceMs?: number;
}

/** Whatever LiteLLM answered, errors included. Reading `body` slower slows the provider down; destroying it cancels there. */
export interface ModelAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

export interface LiteLlmClient {
  /**
   * Sends one request. Throws Failure MODEL_UNAVAILABLE when LiteLLM cannot be reached, TIMEOUT when it stays silent, and VALIDATION_FAILED
   * for an address where no provider may be; an
   * abort rejects with the signal's AbortError. After the headers the same errors destroy `body`.
   */
  send(request: ModelRequest): Promise<ModelAnswer>;
  /** Milliseconds until LiteLLM said that it is well. Throws Failure MODEL_UNAVAILABLE. */
  ping(timeoutMs?: number): Promise<number>;
  /** Its version, or null when it does not tell. Throws Failure MODEL_UNAVAILABLE. */
  version(timeoutMs?: number): Promise<string | null>;
  /** Closes idle connections. */
  close(): void;
}

export interface LiteLlmOptions {
  readonly url: string;
  readonly masterKey: string;
  /** Asked about every address of a provider before LiteLLM connects to it; without it none is refused. */
  readonly outbound?: OutboundGuard;
}

/** LiteLLM gives an answer up after 600 s by itself; a little more lets it say so. */
const SILENCE_MS = 620_000;
const CONNECT_MS = 5_000;
/** Below LiteLLM's own 5 s, so that a kept connection is rarely one that it just closed. */
const IDLE_SOCKET_MS = 4_000;

/** A client with its own kept connections; without limits of its own, so that one slow model does not queue another. */
export function createLiteLlmClient({ url, masterKey, outbound }: LiteLlmOptions): LiteLlmClient {
  const base = new URL(url);
  const secure = base.protocol === 'https:';
  const agent = secure ? new HttpsAgent({ keepAlive: true, timeout: IDLE_SOCKET_MS }) : new HttpAgent({ keepAlive: true, timeout: IDLE_SOCKET_MS });
  const open = secure ? httpsRequest : httpRequest;
  const target = (path: string) => new URL(`${base.pathname.replace(/\/$/, '')}${path}`, base);
  const breaker = createCircuitBreaker({ isAway: (error) => error instanceof Failure && error.code === 'MODEL_UNAVAILABLE' });
  return {
    send: async ({ path, body, signal, silenceMs = SILENCE_MS }) => {
      if (typeof body.api_base === 'string') await outbound?.check(body.api_base);
      const content = Buffer.from(JSON.stringify(body));
      const headers = { authorization: `Bearer ${masterKey}`, 'content-type': 'application/json', 'content-length': content.length };
      const attempt = () => exchange(open(target(path), { method: 'POST', agent, headers }), content, silenceMs, signal);
      const ask = () => attempt().catch((error: unknown) => (wasClosedWhileIdle(error) && !signal?.aborted ? attempt() : Promise.reject(error)));
      return toAnswer(await breaker.run(ask, (ms) => unavailable('it was away a moment ago', { retryAfter: String(Math.max(1, Math.ceil(ms / 1000))) })));
    },
    ping: async (timeoutMs = 2_000) => {
      const started = performance.now();
      const answer = await exchange(open(target('/health/liveliness'), { agent }), Buffer.alloc(0), timeoutMs);
      answer.resume();
      if (answer.statusCode !== 200) throw unavailable(`it answered ${answer.statusCode}`);
      return Math.round(performance.now() - started);
    },
    version: async (timeoutMs = 2_000) => {
      const headers = { authorization: `Bearer ${masterKey}` };
      const answer = await exchange(open(target('/health/readiness/details'), { agent, headers }), Buffer.alloc(0), timeoutMs);
      const said = (await json(answer).catch(() => null)) as { litellm_version?: unknown } | null;
      return typeof said?.litellm_version === 'string' ? said.litellm_version : null;
    },
    close: () => agent.destroy(),
  };
}

function toAnswer(response: IncomingMessage): ModelAnswer {
  return { status: response.statusCode ?? 0, headers: response.headers, body: response };
}

/** A kept connection may be closed by the other side in the moment it is used again: nothing was read, so nothing was done. */
function wasClosedWhileIdle(error: unknown): boolean {
  return error instanceof Failure && error.details.reusedSocket === true;
}

function exchange(request: ClientRequest, content: Buffer, silenceMs: number, signal?: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let response: IncomingMessage | null = null;
    const abort = () => {
      const reason = signal?.reason instanceof Error ? signal.reason : new Error('aborted');
      request.destroy(reason);
      response?.destroy(reason);
    };
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    limitSilence(request, silenceMs, () => response);
    request.on('close', () => signal?.removeEventListener('abort', abort));
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (signal?.aborted || error instanceof Failure) return reject(error);
      reject(unavailable(error.code ?? 'the connection failed', { reusedSocket: request.reusedSocket && error.code === 'ECONNRESET' }));
    });
    request.on('response', (incoming) => {
      response = incoming;
      // Whoever reads the body hears of its errors; without any listener they would end the process.
      incoming.on('error', () => undefined);
      resolve(incoming);
    });
    request.end(content);
  });
}

function limitSilence(request: ClientRequest, silenceMs: number, response: () => IncomingMessage | null): void {
  const tooSlow = () => {
    const failure = new Failure('TIMEOUT', 'The model did not answer in time.');
    response()?.destroy(failure);
    request.destroy(failure);
  };
  request.setTimeout(silenceMs, tooSlow);
  request.on('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => request.destroy(unavailable('it does not accept connections')), CONNECT_MS);
    socket.once('connect', () => clearTimeout(timer));
    socket.once('close', () => clearTimeout(timer));
  });
}

function unavailable(why: string, details: { reusedSocket?: boolean; retryAfter?: string } = {}): Failure {
  return new Failure('MODEL_UNAVAILABLE', `The model service does not answer (${why}).`, details);
}
