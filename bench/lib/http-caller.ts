import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** What came back. Times in milliseconds since the request was made. */
export interface Timed {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly firstByteMs: number;
  readonly totalMs: number;
  readonly bytes: number;
  /** The first characters of the body. */
  readonly beginning: string;
}

/** A caller with kept connections, as clients have. */
export interface HttpCaller {
  /** GET without a body, POST of JSON with one. Rejects when the connection fails. */
  call(url: string, headers: Readonly<Record<string, string>>, body?: unknown): Promise<Timed>;
  close(): void;
}

const BEGINNING_CHARACTERS = 300;

export function openHttpCaller(): HttpCaller {
  const agent = new Agent({ keepAlive: true, timeout: 4_000, scheduling: 'lifo' });
  return {
    call: (url, headers, body) =>
      new Promise((resolve, reject) => {
        const content = body === undefined ? null : Buffer.from(JSON.stringify(body));
        const sent = performance.now();
        const all = content ? { ...headers, 'content-type': 'application/json', 'content-length': content.length } : headers;
        const outgoing = request(url, { agent, method: content ? 'POST' : 'GET', headers: all, timeout: 60_000 }, (response) => {
          let firstByteMs = Number.NaN;
          let bytes = 0;
          let beginning = '';
          response.on('data', (part: Buffer) => {
            if (bytes === 0) firstByteMs = performance.now() - sent;
            bytes += part.length;
            if (beginning.length < BEGINNING_CHARACTERS) beginning = (beginning + part.toString('latin1')).slice(0, BEGINNING_CHARACTERS);
          });
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, firstByteMs, totalMs: performance.now() - sent, bytes, beginning }),
          );
          response.on('error', reject);
        });
        outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 60 s')));
        outgoing.on('error', reject);
        outgoing.end(content ?? undefined);
      }),
    close: () => agent.destroy(),
  };
}
