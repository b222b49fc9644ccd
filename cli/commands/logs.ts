import { setTimeout as sleep } from 'node:timers/promises';
import { interruptedError, openSession, type Session, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode, isPassing, usageError } from '../lib/errors.ts';
import type { Io } from '../lib/io.ts';
import { downloadArchive, printArchives, searchLog } from '../lib/log-archive.ts';
import { Replay } from '../lib/replay.ts';
import { findInstance } from '../lib/resolve.ts';
import { messageError, openSocket } from '../lib/socket.ts';
import { safeText } from '../lib/text.ts';

interface LogsOptions {
  readonly follow?: boolean;
  readonly tail: number;
  readonly timestamps?: boolean;
  readonly search?: string;
  readonly level?: string;
  /** Reads the moment when the time is known. */
  readonly since?: (now: Date) => string;
  readonly until?: (now: Date) => string;
  readonly archives?: boolean;
  readonly download?: string;
}

interface Line {
  readonly at: string | null;
  readonly text: string;
}

/** WebSocket close code of a stream that ended because there is no more. */
const NORMAL_CLOSE = 1000;
const REMEMBERED_LINES = 20;
const REPLAY_QUIET_MS = 2000;
const RETRY_DELAYS_MS = [250, 500, 1000, 2000, 4000, 8000, 15_000];

function printer(io: Io, timestamps: boolean): (line: Line) => void {
  // A claw's log is somebody else's text: on a terminal it must not be able to drive it. A pipe gets the bytes as they are.
  const clean = io.stdout.isTTY === true ? safeText : (text: string) => text;
  return ({ at, text }) => void io.stdout.write(`${timestamps ? `${at ?? '-'} ` : ''}${clean(text)}\n`);
}

/** Follows a log over lost connections. */
class Follower {
  readonly #session: Session;
  readonly #path: string;
  readonly #tail: number;
  readonly #print: (line: Line) => void;
  readonly #printed: string[] = [];
  #trouble = 0;

  constructor(session: Session, instanceId: string, tail: number, print: (line: Line) => void) {
    this.#session = session;
    this.#path = `/instances/${instanceId}/logs/stream`;
    this.#tail = tail;
    this.#print = print;
  }

  /** Resolves when the log has ended; throws when it cannot be read for about half a minute, or at the first try. */
  async run(told: (what: string) => void): Promise<void> {
    for (let first = true; ; first = false) {
      try {
        if (await this.#readOnce()) return;
      } catch (error) {
        if (first || !this.#mayPass(error) || this.#trouble >= RETRY_DELAYS_MS.length) throw error;
      }
      if (this.#session.signal.aborted) throw interruptedError();
      if (this.#trouble === 0) told('The connection was lost; following again.');
      await sleep(RETRY_DELAYS_MS[this.#trouble] ?? 0, undefined, { signal: this.#session.signal }).catch(() => undefined);
      this.#trouble += 1;
    }
  }

  #mayPass(error: unknown): boolean {
    return isPassing(error) || (error instanceof CliError && error.exitCode === ExitCode.failed);
  }

  /** True when the log has ended, false when the connection was lost. */
  async #readOnce(): Promise<boolean> {
    const socket = await openSocket(this.#session, this.#path, { tail: String(this.#tail) });
    const replay = new Replay<Line>(this.#printed, this.#tail);
    const quiet = setTimeout(() => this.#show(replay.flush()), REPLAY_QUIET_MS);
    try {
      for await (const message of socket.messages) {
        if (message['type'] === 'error') throw messageError(message);
        if (message['type'] !== 'line') continue;
        this.#trouble = 0;
        this.#show(replay.push({ at: typeof message['at'] === 'string' ? message['at'] : null, text: String(message['text']) }));
      }
      this.#show(replay.flush());
      return socket.closed().code === NORMAL_CLOSE && !this.#session.signal.aborted;
    } finally {
      clearTimeout(quiet);
      socket.close();
    }
  }

  #show(lines: readonly Line[]): void {
    for (const line of lines) {
      this.#print(line);
      this.#printed.push(line.text);
    }
    this.#printed.splice(0, this.#printed.length - REMEMBERED_LINES);
  }
}

/** `claw logs NAME`: the end of the log, what of it matches, or its archive. */
export async function logs(context: Context, [word = '']: readonly string[], options: LogsOptions): Promise<void> {
  const { follow, tail, timestamps, search, level, since, until, archives, download } = options;
  const { io } = context;
  const searches = search !== undefined || level !== undefined || since !== undefined || until !== undefined;
  if ([follow, searches, archives, download !== undefined].filter(Boolean).length > 1)
    throw usageError('Choose one: --follow, a search (--search, --level, --since, --until), --archives or --download.');
  const session = await openSession(context);
  const { id } = await findInstance(session, word);
  const print = printer(io, timestamps === true);
  const told = (what: string) => void io.stderr.write(`${what}\n`);
  if (archives) return printArchives(io, session, id);
  if (download !== undefined) return void io.stdout.write(`${await downloadArchive(session, id, download)}\n`);
  if (searches) {
    const now = io.now();
    const narrowed = { q: search ?? '', ...(level ? { level } : {}), ...(since ? { from: since(now) } : {}), ...(until ? { to: until(now) } : {}) };
    return (await searchLog(session, id, narrowed, tail, told)).forEach(print);
  }
  if (follow) return new Follower(session, id, tail, print).run(told);
  const { lines } = await take(session.api.GET('/instances/{id}/logs', { params: { path: { id }, query: { tail } } }));
  lines.forEach(print);
}
