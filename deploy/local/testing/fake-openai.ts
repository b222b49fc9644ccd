import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { answerNatively } from './fake-native-models.ts';
import { closeServer, listenOnLoopback } from './loopback.ts';

/** What the stand-in for a model provider was asked. `aborted` turns true when the caller went away before the answer ended. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was sent
  readonly body: any;
  aborted: boolean;
}

/** A model provider on loopback: an outside party, so tests may stand in for it. */
export interface FakeOpenAi {
  /** Base URL ending in `/v1`, as a provider of kind openai takes it. */
  readonly url: string;
  /** Base URL without a path, as the other kinds take it. */
  readonly origin: string;
  readonly requests: readonly SeenRequest[];
  /** Lets every stream that waits (message text `HOLD`) go on. */
  release(): void;
  /** Resolves with the first request, seen or still to come, of which `matches` is true; asked again whenever something changes. */
  waitFor(matches: (request: SeenRequest) => boolean): Promise<SeenRequest>;
  close(): Promise<void>;
}

export interface FakeOpenAiOptions {
  readonly port?: number;
  /** Keys it refuses with 401, as a provider refuses a wrong key. */
  readonly refusedKeys?: readonly string[];
}

/** Tokens that every chat answer reports. */
export const FAKE_USAGE = { prompt_tokens: 1200, completion_tokens: 34, total_tokens: 1234 } as const;

/** First words of every chat answer, followed by what was asked. */
export const FAKE_ANSWER = 'Fake provider answers:';

/**
 * Starts it. The text of the last user message steers the answer: `HOLD` sends the first words of a stream, then waits for
 * `release()`; `FAIL:<status>` answers an error; `BREAK` cuts the connection in the middle of a stream; `TOOL:<name>:<json>` asks for a tool call when that tool was offered.
 */
export async function startFakeOpenAi({ port = 0, refusedKeys = [] }: FakeOpenAiOptions = {}): Promise<FakeOpenAi> {
  const provider = new Provider(refusedKeys);
  const server = createServer((request, response) => void provider.handle(request, response));
  const origin = `http://127.0.0.1:${await listenOnLoopback(server, port)}`;
  return {
    url: `${origin}/v1`,
    origin,
    requests: provider.requests,
    release: () => provider.release(),
    waitFor: (matches) => provider.waitFor(matches),
    close: () => closeServer(server),
  };
}

class Provider {
  readonly requests: SeenRequest[] = [];
  readonly #refusedKeys: readonly string[];
  #held: (() => void)[] = [];
  #watchers: (() => void)[] = [];

  constructor(refusedKeys: readonly string[]) {
    this.#refusedKeys = refusedKeys;
  }

  release(): void {
    for (const go of this.#held.splice(0)) go();
  }

  waitFor(matches: (request: SeenRequest) => boolean): Promise<SeenRequest> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.requests.find(matches);
        if (!found) return;
        this.#watchers = this.#watchers.filter((watcher) => watcher !== look);
        resolve(found);
      };
      this.#watchers.push(look);
      look();
    });
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: await readJson(request),
      aborted: false,
    };
    response.on('close', () => {
      seen.aborted = !response.writableFinished;
      this.#changed();
    });
    this.requests.push(seen);
    this.#changed();
    const key = presentedKey(request.headers);
    if (key && this.#refusedKeys.includes(key)) {
      // Real providers echo part of the key; a careless one all of it.
      return json(response, 401, { error: { message: `Incorrect API key provided: ${key}.`, type: 'invalid_request_error', code: 'invalid_api_key' } });
    }
    if (answerNatively(seen, response)) return;
    const path = seen.path.replace(/^\/v1/, '');
    if (path === '/models') return json(response, 200, { object: 'list', data: [{ id: 'fake-1', object: 'model', owned_by: 'fake' }] });
    if (path === '/embeddings') {
      return json(response, 200, {
        object: 'list',
        model: seen.body?.model,
        data: [{ object: 'embedding', index: 0, embedding: [0.25, 0.5] }],
        usage: { prompt_tokens: 3, total_tokens: 3 },
      });
    }
    if (path === '/chat/completions') return this.#chat(seen, response);
    return json(response, 404, { error: { message: `There is no ${path} here.`, type: 'invalid_request_error' } });
  }

  async #chat({ body }: SeenRequest, response: ServerResponse): Promise<void> {
    const [said = '', ...more] = lastUserTexts(body);
    const text = [said, ...more].join('\n');
    const failure = /FAIL:(\d{3})/.exec(text);
    if (failure) return json(response, Number(failure[1]), { error: { message: `Told to fail with ${failure[1]}.`, type: 'fake_error' } });
    const choice = toolCall(body, text) ?? { role: 'assistant', content: `${FAKE_ANSWER} ${said.slice(-200)}` };
    const base = { id: 'chatcmpl-fake', created: 1_700_000_000, model: body?.model };
    const finish = 'tool_calls' in choice ? 'tool_calls' : 'stop';
    if (!body?.stream) {
      return json(response, 200, { ...base, object: 'chat.completion', choices: [{ index: 0, message: choice, finish_reason: finish }], usage: FAKE_USAGE });
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (delta: object, reason: string | null = null) =>
      sse(response, { ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: reason }] });
    if ('tool_calls' in choice) {
      send({ role: 'assistant', content: null, tool_calls: choice.tool_calls.map((call, index) => ({ index, ...call })) });
    } else {
      const [first = '', ...rest] = choice.content.match(/.{1,16}/gs) ?? [''];
      send({ role: 'assistant', content: first });
      if (text.includes('BREAK')) return void response.destroy();
      if (text.includes('HOLD')) await new Promise<void>((resolve) => this.#held.push(resolve));
      for (const content of rest) send({ content });
    }
    send({}, finish);
    if (body.stream_options?.include_usage) sse(response, { ...base, object: 'chat.completion.chunk', choices: [], usage: FAKE_USAGE });
    response.end('data: [DONE]\n\n');
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  return text ? JSON.parse(text) : null;
}

function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const named = headers['x-api-key'] ?? headers['x-goog-api-key'];
  return headers.authorization?.replace(/^Bearer /, '') ?? (Array.isArray(named) ? named[0] : named);
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function sse(response: ServerResponse, body: object): void {
  response.write(`data: ${JSON.stringify(body)}\n\n`);
}

interface ChatMessage {
  readonly role: string;
  readonly content: string | readonly { readonly text?: string }[] | null;
}

/** Texts of the messages after the last one that is not the user's; some claws put a context message of their own behind what the person said. */
function lastUserTexts(body: { messages?: readonly ChatMessage[] } | null): string[] {
  const messages = body?.messages ?? [];
  const lastOther = messages.findLastIndex((message) => message.role !== 'user');
  return messages.slice(lastOther + 1).map(({ content }) => (typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('')));
}

interface ToolOffer {
  readonly function?: { readonly name: string };
}

function toolCall(body: { messages?: readonly ChatMessage[]; tools?: readonly ToolOffer[] } | null, text: string) {
  const [, name, input] = /TOOL:([\w.-]+):(\{.*?\})(?:\s|$)/s.exec(text) ?? [];
  const asked = body?.messages?.at(-1)?.role === 'user' && body.tools?.some((tool) => tool.function?.name === name);
  if (!name || !asked) return null;
  return { role: 'assistant', content: null, tool_calls: [{ id: 'call_fake', type: 'function', function: { name, arguments: input } }] };
}
