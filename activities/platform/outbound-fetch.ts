import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { guardedLookup } from './guarded-lookup.ts';
import type { OutboundGuard } from './outbound.ts';

/** The part of `fetch` that is needed of it; redirects are answered, not followed. */
export type OutboundFetch = (url: string, init: OutboundRequest) => Promise<Response>;

export interface OutboundRequest {
  readonly method?: string;
  readonly headers?: Headers | Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface OutboundLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Statuses that a `Response` takes no body with. */
const EMPTY = [204, 205, 304];

/**
 * Asks an address that somebody gave us. The name is looked up once, by the guard, and the connection goes to what the guard let through: a
 * name that leads elsewhere a moment later does not help. Rejects with the guard's Failure, or an Error for silence, too long answers and such as
 * are no HTTP.
 */
export function createOutboundFetch(guard: OutboundGuard, { timeoutMs, maxBytes }: OutboundLimits): OutboundFetch {
  const lookup = guardedLookup(guard);
  return async (url, { method = 'GET', headers, body, signal }) => {
    // An address that is no name is not looked up.
    await guard.check(url);
    const content =
      body === undefined || body === null ? null : Buffer.from(await new Response(body as string | Uint8Array<ArrayBuffer> | URLSearchParams).arrayBuffer());
    const given = Object.fromEntries(new Headers(headers));
    const ends = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
    return new Promise<Response>((resolve, reject) => {
      const open = url.startsWith('https:') ? httpsRequest : httpRequest;
      const sent = { ...given, ...(content ? { 'content-length': String(content.length) } : {}) };
      // No kept connection: it would lead where the name led before.
      const request = open(url, { method, headers: sent, lookup, signal: ends, agent: false }, (answer) => {
        // Both steps before the rejection is caught: a status or header that no Response takes is the other side's to choose.
        read(answer, maxBytes)
          .then((bytes) => toResponse(answer, bytes))
          .then(resolve, reject);
      });
      // Nobody asked for another protocol; without a listener the connection would just be gone, and nothing said.
      request.once('upgrade', (_answer, connection) => {
        connection.destroy();
        reject(new Error('the answer is no HTTP'));
      });
      request.once('error', (error) => reject(ends.reason instanceof Error && ends.aborted ? ends.reason : error));
      request.end(content ?? undefined);
    });
  };
}

async function read(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toResponse({ statusCode = 0, headers }: IncomingMessage, bytes: Buffer): Response {
  const flat = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one]));
  return new Response(EMPTY.includes(statusCode) ? null : new Uint8Array(bytes), { status: statusCode, headers: flat });
}
