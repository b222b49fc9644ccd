import { openAgain } from './again.ts';
import { interruptedError, type Session } from './client.ts';
import { CliError, ExitCode } from './errors.ts';
import type { Io } from './io.ts';
import { type JsonSocket, messageError, openSocket } from './socket.ts';
import { paintFor } from './style.ts';
import { oneLine, safeText } from './text.ts';

interface ConversationOptions {
  readonly session: string;
  /** Say on standard error which model answered. */
  readonly model?: boolean;
}

const RESUME_SILENCE_MS = 60_000;

type Message = Readonly<Record<string, unknown>>;

/** One conversation with a claw. A lost connection is picked up again where the answer stopped. */
export class Conversation {
  answering = false;
  readonly #io: Io;
  readonly #session: Session;
  readonly #instanceId: string;
  readonly #options: ConversationOptions;
  #socket: JsonSocket;
  #messages: AsyncIterator<Message>;
  #lastSeq: number | null = null;
  #resumed = false;
  #endsLine = true;

  private constructor(io: Io, session: Session, instanceId: string, options: ConversationOptions, socket: JsonSocket) {
    this.#io = io;
    this.#session = session;
    this.#instanceId = instanceId;
    this.#options = options;
    this.#socket = socket;
    this.#messages = socket.messages[Symbol.asyncIterator]();
    session.signal.addEventListener('abort', () => this.stop(), { once: true });
  }

  /** Opens the stream of an instance; a refusal is thrown as `CliError`. */
  static async open(io: Io, session: Session, instanceId: string, options: ConversationOptions): Promise<Conversation> {
    return new Conversation(io, session, instanceId, options, await Conversation.#connect(session, instanceId, options.session, null));
  }

  static #connect(session: Session, instanceId: string, name: string, after: number | null): Promise<JsonSocket> {
    return openSocket(session, `/instances/${instanceId}/stream`, { session: name, ...(after === null ? {} : { after: String(after) }) });
  }

  /** Says something and streams the answer to standard output until it is done. */
  async say(text: string): Promise<void> {
    this.answering = true;
    try {
      this.#socket.send({ type: 'message', text, session: this.#options.session });
      await this.#answer();
    } finally {
      this.answering = false;
    }
  }

  /** Asks the claw to end the answer that is on its way. */
  stop(): void {
    if (this.answering) this.#socket.send({ type: 'stop' });
  }

  close(): void {
    this.#socket.close();
  }

  async #answer(): Promise<void> {
    let failure: CliError | null = null;
    for (;;) {
      const message = await this.#next();
      const seq = Number(message['seq'] ?? 0);
      if (seq > 0) this.#lastSeq = seq;
      this.#show(message);
      if (message['type'] === 'error') failure = messageError(message);
      // An error about the line that was sent has no number, and no end follows it; every answer has an end, a failed one too.
      if (message['type'] !== 'done' && !(failure && seq === 0)) continue;
      if (!this.#endsLine) this.#io.stdout.write('\n');
      this.#endsLine = true;
      if (failure) throw failure;
      if (this.#options.model && message['model']) this.#io.stderr.write(`model: ${oneLine(String(message['model']))}\n`);
      return;
    }
  }

  #show(message: Message): void {
    const { stdout } = this.#io;
    const text = typeof message['text'] === 'string' ? message['text'] : '';
    if (message['type'] === 'tool') this.#tellTool(text || String(message['name'] ?? 'tool'));
    if (message['type'] !== 'delta' || !text) return;
    stdout.write(stdout.isTTY === true ? safeText(text) : text);
    this.#endsLine = text.endsWith('\n');
  }

  #tellTool(what: string): void {
    const { stderr, env } = this.#io;
    stderr.write(`${paintFor(stderr, env)('dim', `[${oneLine(what)}]`)}\n`);
  }

  async #next(): Promise<Message> {
    for (;;) {
      const { value, done } = await (this.#resumed ? this.#soon() : this.#messages.next());
      if (!done) {
        this.#resumed = false;
        return value as Message;
      }
      if (this.#session.signal.aborted) throw interruptedError();
      const { code, reason } = this.#socket.closed();
      if (this.#lastSeq === null) throw lost(`The connection to the claw was lost${reason ? `: ${oneLine(reason)}` : ''}.`, `CLOSED_${code}`);
      const after = this.#lastSeq;
      this.#socket = await openAgain(() => Conversation.#connect(this.#session, this.#instanceId, this.#options.session, after), this.#session.signal);
      this.#messages = this.#socket.messages[Symbol.asyncIterator]();
      this.#resumed = true;
    }
  }

  /** After a restart of the platform the answer may be gone for good; only silence tells. */
  async #soon(): Promise<IteratorResult<Message>> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(lost('The answer was lost when the connection broke.', 'ANSWER_LOST')), RESUME_SILENCE_MS);
    });
    try {
      return await Promise.race([this.#messages.next(), silence]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function lost(message: string, code: string): CliError {
  return new CliError(ExitCode.unreachable, message, { code, nextStep: 'Say it again.' });
}
