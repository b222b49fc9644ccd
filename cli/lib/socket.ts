import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { WebSocket } from 'ws';
import { interruptedError, type Session, unreachable } from './client.ts';
import { CliError, ExitCode, problemError } from './errors.ts';

/** A WebSocket of the API that speaks JSON lines. */
export interface JsonSocket {
  /** The messages until the other side closes; ends normally whatever the reason was, see `closed`. */
  readonly messages: AsyncIterable<Record<string, unknown>>;
  send(message: Readonly<Record<string, unknown>>): void;
  close(): void;
  /** Code and reason of the close, once `messages` ended. */
  closed(): { readonly code: number; readonly reason: string };
}

async function refusal(answer: IncomingMessage): Promise<CliError> {
  const body = await text(answer).catch(() => '');
  let problem: unknown;
  try {
    problem = JSON.parse(body);
  } catch {
    problem = {};
  }
  return problemError(answer.statusCode ?? 500, problem, answer.headers['x-request-id']?.toString());
}

function opened(socket: WebSocket, { target, signal }: Session): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', (error) => reject(signal.aborted ? interruptedError() : unreachable(target.url, error)));
    socket.once('unexpected-response', (_request, answer) => void refusal(answer).then(reject));
  });
}

async function* readMessages(socket: WebSocket): AsyncGenerator<Record<string, unknown>> {
  const waiting: string[] = [];
  let ended = false;
  let wake = (): void => {};
  socket.on('message', (data) => {
    waiting.push(...data.toString().split('\n').filter(Boolean));
    wake();
  });
  socket.on('close', () => {
    ended = true;
    wake();
  });
  for (;;) {
    const line = waiting.shift();
    if (line !== undefined) yield JSON.parse(line) as Record<string, unknown>;
    else if (ended) return;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
}

/** Opens `path` below `/api/v1`; the key travels in a header, never in the address. A refusal is thrown as `CliError`. */
export async function openSocket(session: Session, path: string, query: Readonly<Record<string, string>>): Promise<JsonSocket> {
  const { WebSocket } = await import('ws');
  const { target, signal } = session;
  const url = `${target.url.replace(/^http/, 'ws')}/api/v1${path}?${new URLSearchParams(query)}`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${target.apiKey}` }, signal, handshakeTimeout: 20_000 } as ConstructorParameters<
    typeof WebSocket
  >[2]);
  let close = { code: 1006, reason: '' };
  socket.on('close', (code, reason) => {
    close = { code, reason: reason.toString() };
  });
  const messages = readMessages(socket);
  // The first step of the generator only attaches its listeners; nothing may arrive before they are there.
  const first = messages.next();
  await opened(socket, session).catch((error: unknown) => {
    socket.on('error', () => {});
    socket.terminate();
    throw error;
  });
  socket.on('error', () => {});
  // One turn later, so that a last message such as "stop" goes out before.
  signal.addEventListener('abort', () => setImmediate(() => socket.close()), { once: true });
  return {
    messages: (async function* () {
      const { value, done } = await first;
      if (!done) yield value;
      yield* messages;
    })(),
    send: (message) => socket.send(JSON.stringify(message)),
    close: () => socket.close(),
    closed: () => close,
  };
}

/** The error that a message of type `error` carries. */
export function messageError(message: Readonly<Record<string, unknown>>): CliError {
  const error = (message['error'] ?? {}) as { message?: string; code?: string; nextStep?: string };
  return new CliError(error.code === 'TIMEOUT' ? ExitCode.timeout : ExitCode.failed, error.message ?? 'The claw answered with an error.', {
    code: error.code ?? 'FAILED',
    nextStep: error.nextStep,
  });
}
