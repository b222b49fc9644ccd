import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { ExecRequest, ExecResult } from '../../../workflows/contracts/bridge-protocol.ts';
import { type BridgeTarget, INTERNAL_STREAM_PROTOCOL, internalHostPath, streamQuery } from '../../../workflows/contracts/bridge-protocol.ts';
import { Failure, isFailureCode } from '../../../workflows/contracts/failures.ts';
import type { RuntimeRef } from '../../../workflows/contracts/workload.ts';

export interface BridgeLinkOptions {
  /** Base URL of the API. */
  readonly apiUrl: string;
  readonly serviceToken: string;
}

/** The worker's way to the bridges: through the internal routes of the API, which holds their connections. */
export interface BridgeLink {
  prepare(hostId: string, runtime: RuntimeRef, signal?: AbortSignal): Promise<void>;
  exec(hostId: string, request: ExecRequest): Promise<ExecResult>;
  open(hostId: string, target: BridgeTarget): Promise<Duplex>;
}

const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

export function createBridgeLink(options: BridgeLinkOptions): BridgeLink {
  return {
    prepare: async (hostId, runtime, signal) => {
      await post(options, internalHostPath(hostId, 'prepare'), { runtime }, signal);
    },
    exec: async (hostId, request) => (await post(options, internalHostPath(hostId, 'exec'), request)) as ExecResult,
    open: (hostId, target) => upgrade(options, `${internalHostPath(hostId, 'stream')}?${streamQuery(target)}`),
  };
}

/** No time-out of its own: an installation takes minutes, and the API ends every call that its bridge does not answer. */
async function post(options: BridgeLinkOptions, path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
  const outgoing = startRequest(options, path, 'POST', { 'content-type': 'application/json' }, signal);
  outgoing.end(JSON.stringify(body));
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', (error) => reject(unreachable(error)));
  });
  const answer = await readJson(response);
  if (response.statusCode !== 200) throw toFailure(response.statusCode ?? 0, answer);
  return answer;
}

function upgrade(options: BridgeLinkOptions, path: string): Promise<Duplex> {
  const outgoing = startRequest(options, path, 'GET', { connection: 'Upgrade', upgrade: INTERNAL_STREAM_PROTOCOL });
  return new Promise((resolve, reject) => {
    outgoing.once('upgrade', (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    outgoing.once('response', (response) => {
      readJson(response).then((answer) => reject(toFailure(response.statusCode ?? 0, answer)), reject);
    });
    outgoing.once('error', (error) => reject(unreachable(error)));
    outgoing.end();
  });
}

function startRequest(options: BridgeLinkOptions, path: string, method: string, headers: Record<string, string>, signal?: AbortSignal): ClientRequest {
  const url = new URL(path, options.apiUrl);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return send(url, { method, agent: false, headers: { ...headers, authorization: `Bearer ${options.serviceToken}` }, ...(signal ? { signal } : {}) });
}

async function readJson(response: IncomingMessage): Promise<unknown> {
  let text = '';
  try {
    response.setEncoding('utf8');
    for await (const chunk of response) {
      text += chunk as string;
      if (text.length > ANSWER_BYTES_MAX) throw new Error('the answer is too long');
    }
    return text === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw unreachable(error as Error);
  }
}

function unreachable(error: Error): Failure {
  if (error.name === 'AbortError') return new Failure('CANCELLED');
  return new Failure('RUNTIME_UNREACHABLE', `The API did not answer for the host (${(error as NodeJS.ErrnoException).code ?? error.message}).`);
}

function toFailure(status: number, answer: unknown): Failure {
  const { code, detail } = answer as { code?: unknown; detail?: unknown };
  if (typeof code === 'string' && isFailureCode(code)) return new Failure(code, typeof detail === 'string' ? detail : undefined);
  return new Failure('RUNTIME_UNREACHABLE', `The API answered ${status} for the host.`);
}
