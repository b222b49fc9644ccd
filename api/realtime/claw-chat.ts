import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { Failure, isFailure } from '../../workflows/contracts/failures.ts';
import type { ChatEndpoint } from './claw.ts';
import { readEvents } from './sse.ts';

export interface ChatMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export interface ChatUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** What a claw says while it answers. */
export type ChatEvent =
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'tool'; readonly text: string }
  | { readonly type: 'usage'; readonly usage: ChatUsage };

export interface ChatRequest {
  readonly endpoint: ChatEndpoint;
  readonly connect: () => Promise<Duplex>;
  readonly messages: readonly ChatMessage[];
  /** Names the conversation for claws that keep it themselves. */
  readonly conversation: string;
  /** Ends the answer in the claw too. */
  readonly signal: AbortSignal;
}

const ERROR_BYTES = 16 * 1024;

/** The answer of a claw to a conversation, as it is written. Throws Failures; after an abort it just ends. */
export async function* askClaw(chat: ChatRequest): AsyncGenerator<ChatEvent> {
  const connection = await chat.connect();
  const close = () => connection.destroy();
  chat.signal.addEventListener('abort', close);
  try {
    if (chat.signal.aborted) return;
    const answer = await send(connection, chat);
    if (answer.statusCode !== 200) throw new Failure('GATEWAY_UNAVAILABLE', await errorText(answer));
    yield* eventsOf(answer);
  } catch (error) {
    if (chat.signal.aborted) return;
    if (isFailure(error)) throw error;
    throw new Failure('GATEWAY_UNAVAILABLE', 'The connection to the claw broke in the middle of its answer.');
  } finally {
    chat.signal.removeEventListener('abort', close);
    connection.destroy();
  }
}

function send(connection: Duplex, { endpoint, messages, conversation }: ChatRequest): Promise<IncomingMessage> {
  const body = Buffer.from(JSON.stringify({ model: endpoint.model, messages, user: conversation, stream: true, stream_options: { include_usage: true } }));
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    accept: 'text/event-stream',
    ...(endpoint.token === null ? {} : { authorization: `Bearer ${endpoint.token}` }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request({ method: 'POST', host: 'claw', path: endpoint.path, headers, createConnection: () => connection as never }, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** A claw may say anything; only what has the form that people are shown is taken. */
interface Chunk {
  readonly error?: { readonly message?: unknown };
  readonly choices?: readonly {
    readonly delta?: { readonly content?: unknown; readonly tool_calls?: readonly { readonly function?: { readonly name?: unknown } }[] };
  }[];
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } | null;
}

async function* eventsOf(answer: IncomingMessage): AsyncGenerator<ChatEvent> {
  for await (const data of readEvents(answer)) {
    if (data === '[DONE]') return;
    const chunk = JSON.parse(data) as Chunk;
    if (chunk.error) throw new Failure('GATEWAY_UNAVAILABLE', textOf(chunk.error.message) || 'The claw could not answer.');
    const delta = chunk.choices?.[0]?.delta;
    const said = textOf(delta?.content);
    if (said) yield { type: 'delta', text: said };
    for (const call of delta?.tool_calls ?? []) {
      const tool = textOf(call.function?.name);
      if (tool) yield { type: 'tool', text: tool };
    }
    if (chunk.usage)
      yield { type: 'usage', usage: { promptTokens: countOf(chunk.usage.prompt_tokens), completionTokens: countOf(chunk.usage.completion_tokens) } };
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

/** The sentence in an error answer, which OpenAI-compatible servers put into `error.message`. */
async function errorText(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of answer) {
    text += String(part);
    if (text.length > ERROR_BYTES) break;
  }
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } };
    if (typeof error?.message === 'string' && error.message) return `The claw answered: ${error.message}`;
  } catch {
    // Not JSON: its status says as much as it can.
  }
  return `The claw answered with status ${answer.statusCode}.`;
}
