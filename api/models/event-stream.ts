import type { Failure } from '../../workflows/contracts/failures.ts';
import { openAiError } from './openai-error.ts';
import { readTokenCount, type TokenCount } from './token-count.ts';

/** What a stream is watched for while it passes. */
export interface StreamWatch {
  /** False: the trailing usage chunk was asked for by the gateway only and is kept from the client. */
  readonly showUsage: boolean;
  onTokens(tokens: TokenCount): void;
  /** Turns an error inside the stream into the Failure that the client sees instead. */
  onError(error: { readonly message?: unknown; readonly code?: unknown }): Failure;
}

interface StreamChunk {
  usage?: unknown;
  error?: { message?: unknown; code?: unknown } | null;
  choices?: readonly { delta?: Readonly<Record<string, unknown>>; finish_reason?: unknown }[];
  response?: { usage?: unknown; error?: { message?: unknown; code?: unknown } | null } & Record<string, unknown>;
}

/** An event larger than this is passed on unread: no model sends one, and memory is bounded. */
const EVENT_CHARACTERS = 8 * 1024 * 1024;

/** Passes server-sent events on as they come, whole events only, and reads tokens and errors out of them. */
export async function* watchEvents(source: AsyncIterable<Uint8Array>, watch: StreamWatch): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of source) {
    rest = (rest + decoder.decode(bytes, { stream: true })).replaceAll('\r\n', '\n');
    const end = rest.length > EVENT_CHARACTERS ? rest.length : rest.lastIndexOf('\n\n') + 2;
    if (end < 2) continue;
    const passed = passEvents(rest.slice(0, end), watch);
    rest = rest.slice(end);
    if (passed) yield passed;
  }
  if (rest.trim()) yield passEvents(`${rest}\n\n`, watch);
}

/** The event by which an OpenAI client learns that a running stream failed. */
export function errorEvent(failure: Failure): string {
  return `data: ${JSON.stringify(openAiError(failure))}\n\n`;
}

function passEvents(text: string, watch: StreamWatch): string {
  if (!text.includes('"usage"') && !text.includes('"error"')) return text;
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => passEvent(event, watch))
    .join('');
}

function passEvent(event: string, watch: StreamWatch): string {
  const unchanged = `${event}\n\n`;
  const chunk = readChunk(event);
  if (!chunk) return unchanged;
  if (chunk.error) return errorEvent(watch.onError(chunk.error));
  if (chunk.response?.error) {
    const { code, message } = watch.onError(chunk.response.error);
    return replaceData(event, { ...chunk, response: { ...chunk.response, error: { code, message } } });
  }
  const tokens = readTokenCount(chunk.usage ?? chunk.response?.usage);
  if (!tokens) return unchanged;
  watch.onTokens(tokens);
  if (watch.showUsage || chunk.usage === undefined) return unchanged;
  return saysSomething(chunk) ? replaceData(event, { ...chunk, usage: undefined }) : '';
}

function readChunk(event: string): StreamChunk | null {
  const data = event
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trimStart())
    .join('\n');
  if (!data.startsWith('{')) return null;
  try {
    return JSON.parse(data) as StreamChunk;
  } catch {
    return null;
  }
}

function replaceData(event: string, chunk: StreamChunk): string {
  const others = event.split('\n').filter((line) => !line.startsWith('data:'));
  return `${[...others, `data: ${JSON.stringify(chunk)}`].join('\n')}\n\n`;
}

/** LiteLLM puts an empty choice beside the trailing usage. */
function saysSomething({ choices = [] }: StreamChunk): boolean {
  return choices.some(({ delta, finish_reason: reason }) => Boolean(reason) || Object.values(delta ?? {}).some((value) => value !== null && value !== ''));
}
