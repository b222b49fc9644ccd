import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { Failure } from '../../../workflows/contracts/failures.ts';
import { asUnavailable, deadline, type GatewayTarget, openWithin, refused } from './target.ts';

const PATH = '/api/v1/admin/rpc';
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;

/** Calls a method of the claw's admin surface over HTTP and returns its payload. */
export async function adminCall(target: GatewayTarget, method: string, params: object): Promise<unknown> {
  const limit = deadline(target.timeoutMs);
  let connection: Duplex | undefined;
  try {
    connection = await openWithin(target.connect, limit);
    const { status, body } = await Promise.race([exchange(connection, target.token, JSON.stringify({ method, params })), limit.reached]);
    return payloadOf(method, status, body);
  } catch (error) {
    throw asUnavailable(error);
  } finally {
    limit.clear();
    connection?.destroy();
  }
}

function exchange(connection: Duplex, token: string, body: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        method: 'POST',
        path: PATH,
        createConnection: () => connection,
        headers: {
          host: '127.0.0.1',
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          connection: 'close',
        },
      },
      (answer) => readBody(answer).then((text) => resolve({ status: answer.statusCode ?? 0, body: text }), reject),
    );
    call.on('error', reject);
    call.end(body);
  });
}

async function readBody(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_MAX_BYTES) throw new Failure('GATEWAY_UNAVAILABLE', 'The claw answered with more than it may.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function payloadOf(method: string, status: number, body: string): unknown {
  if (status === 401 || status === 403) throw new Failure('GATEWAY_UNAVAILABLE', 'The claw refused the control token of the platform.');
  const answer = parse(body);
  if (answer?.ok === true) return answer.payload;
  throw answer ? refused(method, answer.error?.code) : new Failure('GATEWAY_UNAVAILABLE', `The claw answered ${method} with status ${status}.`);
}

function parse(body: string): { ok?: unknown; payload?: unknown; error?: { code?: unknown } } | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : null;
  } catch {
    return null;
  }
}
