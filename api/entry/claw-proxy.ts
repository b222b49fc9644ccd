import { type ClientRequest, request as httpRequest, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { type Duplex, pipeline } from 'node:stream';
import { passHead } from '../../activities/platform/pass-head.ts';
import { clawAgent } from '../../activities/runtime/claw-agent.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { toFailure } from '../http/problem.ts';
import { fromClaw, type Introduction, towardsClaw } from './headers.ts';

/** One request on its way to a claw. */
export interface Passage {
  readonly about: Introduction;
  readonly connect: () => Promise<Duplex>;
  /** Told how to end this passage when the person's rights end; what it answers is called once the passage is over. */
  readonly hold: (cut: () => void) => () => void;
  /** How long the claw may say nothing once it has the whole request, in milliseconds. */
  readonly silenceMs?: number;
}

/** What proxies in front of pages commonly wait for a first byte. */
const SILENCE_MS = 100_000;

/** Hands a request to the claw and its answer back, as it comes. Rejects with a Failure when the claw cannot be reached; after the first byte it just breaks. */
export function passRequest(request: IncomingMessage, response: ServerResponse, { about, connect, hold, silenceMs }: Passage): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = ask(request, about, connect, false);
    // The whole request first: a long upload is nobody's silence.
    let answered = false;
    outgoing.once('finish', () => answered || limitSilence(outgoing, silenceMs));
    const release = hold(() => response.destroy());
    response.once('close', () => {
      release();
      outgoing.destroy();
      resolve();
    });
    outgoing.once('response', (answer) => {
      answered = true;
      if (passHead(response, answer, fromClaw(answer.headers, { secure: about.secure, upgrade: false }))) return pipeline(answer, response, () => undefined);
      reject(new Failure('GATEWAY_UNAVAILABLE', 'The claw answered with what is no HTTP.'));
      return outgoing.destroy();
    });
    outgoing.once('upgrade', (_answer, connection) => {
      connection.destroy();
      response.destroy();
    });
    outgoing.once('error', (error) => {
      if (response.headersSent || response.destroyed) return void response.destroy();
      reject(reached(error));
    });
    // Not a pipeline: a claw that cannot be reached must not take away the connection that has to say so.
    request.pipe(outgoing);
  });
}

/** The same for an upgrade to a WebSocket. Rejects with a Failure while nothing was answered. */
export function passUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, { about, connect, hold, silenceMs }: Passage): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = ask(request, about, connect, true);
    limitSilence(outgoing, silenceMs);
    const release = hold(() => socket.destroy());
    socket.once('close', () => {
      release();
      outgoing.destroy();
      resolve();
    });
    outgoing.once('response', (answer) => {
      socket.write(headOf(answer, fromClaw(answer.headers, { secure: about.secure, upgrade: false })));
      pipeline(answer, socket, () => undefined);
    });
    outgoing.once('upgrade', (answer, connection, first) => {
      socket.write(headOf(answer, fromClaw(answer.headers, { secure: about.secure, upgrade: true })));
      if (first.length > 0) socket.write(first);
      if (head.length > 0) connection.write(head);
      // Each direction ends for itself; a break in one breaks both.
      pipeline(socket, connection, (error) => error && socket.destroy());
      pipeline(connection, socket, (error) => error && connection.destroy());
    });
    outgoing.once('error', (error) => reject(reached(error)));
    outgoing.end();
  });
}

function ask(request: IncomingMessage, about: Introduction, connect: () => Promise<Duplex>, upgrade: boolean): ClientRequest {
  return httpRequest({
    method: request.method,
    path: request.url,
    headers: towardsClaw(request.headers, about, { upgrade }),
    agent: clawAgent(connect),
    setHost: false,
  });
}

/** Gives a request up that the claw takes and does not answer, as one that is stuck does. */
function limitSilence(outgoing: ClientRequest, silenceMs = SILENCE_MS): void {
  const timer = setTimeout(() => outgoing.destroy(new Failure('GATEWAY_UNAVAILABLE', 'The claw took the request and said nothing.')), silenceMs);
  for (const event of ['response', 'upgrade', 'close']) outgoing.once(event, () => clearTimeout(timer));
}

function headOf(answer: IncomingMessage, headers: ReturnType<typeof fromClaw>): string {
  const status = answer.statusCode ?? 502;
  const lines = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one) => `${name}: ${one}`));
  const connection = 'connection' in headers ? [] : ['connection: close'];
  return `${[`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, ...connection].join('\r\n')}\r\n\r\n`;
}

function reached(error: unknown): Failure {
  const failure = toFailure(error);
  return failure.code === 'INTERNAL' ? new Failure('GATEWAY_UNAVAILABLE', 'The connection to the claw broke before it answered.') : failure;
}
