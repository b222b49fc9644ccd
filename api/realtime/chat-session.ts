import type { FailureView } from '../../workflows/contracts/failures.ts';
import type { ChatMessage, ChatUsage } from './claw-chat.ts';

/** What a chat socket sends, numbered within its session. */
export interface ChatItem {
  readonly seq: number;
  readonly session: string;
  readonly type: 'delta' | 'tool' | 'error' | 'done';
  readonly text?: string;
  readonly error?: FailureView;
  readonly model?: string;
  readonly usage?: ChatUsage;
  /** With `done`: the answer was stopped by a person. */
  readonly stopped?: true;
}

export type NewChatItem = Omit<ChatItem, 'seq' | 'session'>;

const BUFFER_ITEMS = 4000;
const BUFFER_CHARACTERS = 1024 * 1024;
const HISTORY_MESSAGES = 40;
const HISTORY_CHARACTERS = 64 * 1024;

/**
 * One conversation of one person with one claw. It outlives its sockets for a while, so that a lost connection loses no word: what
 * was sent stays in a bounded buffer and is repeated from a given number on.
 */
export class ChatSession {
  readonly name: string;
  /** The answer being written, if one is. */
  running: AbortController | null = null;
  lastUsed: number;
  readonly #listeners = new Set<(item: ChatItem) => void>();
  readonly #history: ChatMessage[] = [];
  #buffer: ChatItem[] = [];
  #bufferCharacters = 0;
  #seq = 0;

  constructor(name: string, now: number) {
    this.name = name;
    this.lastUsed = now;
  }

  get idle(): boolean {
    return this.running === null && this.#listeners.size === 0;
  }

  get history(): readonly ChatMessage[] {
    return this.#history;
  }

  remember(message: ChatMessage): void {
    this.#history.push(message);
    let characters = this.#history.reduce((sum, { content }) => sum + content.length, 0);
    while (this.#history.length > HISTORY_MESSAGES || (characters > HISTORY_CHARACTERS && this.#history.length > 1)) {
      characters -= this.#history.shift()?.content.length ?? 0;
    }
  }

  emit(item: NewChatItem): void {
    this.#seq += 1;
    const numbered: ChatItem = { seq: this.#seq, session: this.name, ...item };
    this.#buffer.push(numbered);
    this.#bufferCharacters += item.text?.length ?? 0;
    while (this.#buffer.length > BUFFER_ITEMS || this.#bufferCharacters > BUFFER_CHARACTERS) {
      this.#bufferCharacters -= this.#buffer.shift()?.text?.length ?? 0;
    }
    for (const listener of this.#listeners) listener(numbered);
  }

  /** Repeats what came after `after`, if given, then everything new. A number from before a restart of the API gets all there is. */
  listen(listener: (item: ChatItem) => void, after: number | null): () => void {
    if (after !== null) {
      const from = after > this.#seq ? 0 : after;
      for (const item of this.#buffer) if (item.seq > from) listener(item);
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

const KEEP_IDLE_MS = 30 * 60_000;
const SESSIONS_MAX = 2000;

/** Every conversation this process keeps. */
export class ChatSessions {
  readonly #sessions = new Map<string, ChatSession>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The conversation of this person with this claw under this name, made if it is not there. */
  of(instanceId: string, userId: string, name: string): ChatSession {
    this.#forgetIdle();
    const key = JSON.stringify([instanceId, userId, name]);
    const session = this.#sessions.get(key) ?? new ChatSession(name, this.#now());
    session.lastUsed = this.#now();
    // Set again, so that the map stays in the order of use.
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    return session;
  }

  stopAll(): void {
    for (const session of this.#sessions.values()) session.running?.abort();
  }

  #forgetIdle(): void {
    for (const [key, session] of this.#sessions) {
      const old = this.#now() - session.lastUsed > KEEP_IDLE_MS || this.#sessions.size > SESSIONS_MAX;
      if (session.idle && old) this.#sessions.delete(key);
    }
  }
}

export function createChatSessions(now?: () => number): ChatSessions {
  return new ChatSessions(now);
}
