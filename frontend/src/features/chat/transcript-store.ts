import type { Transcript } from './transcript.ts';
import { EMPTY_TRANSCRIPT } from './transcript.ts';

/** Conversations stay in the browser that held them; the claw keeps its own memory of a session. */
const PREFIX = 'clawloops-chat:';
const TURNS_MAX = 200;

/** One conversation of a claw, by the name the claw knows it under. */
export interface ChatSession {
  readonly id: string;
  readonly title: string;
  readonly startedAt: string;
}

interface Stored {
  readonly session: ChatSession;
  readonly transcript: Transcript;
}

function key(instanceId: string, sessionId: string): string {
  return `${PREFIX}${instanceId}:${sessionId}`;
}

function read(storageKey: string): Stored | null {
  const text = localStorage.getItem(storageKey);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Stored;
  } catch {
    return null;
  }
}

function keysOf(instanceId: string): string[] {
  return Object.keys(localStorage).filter((name) => name.startsWith(`${PREFIX}${instanceId}:`));
}

/** Sessions of a claw, newest first. */
export function listSessions(instanceId: string): readonly ChatSession[] {
  const stored = keysOf(instanceId).map(read);
  return stored
    .filter((entry) => entry !== null)
    .map((entry) => entry.session)
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

export function loadTranscript(instanceId: string, sessionId: string): Transcript {
  return read(key(instanceId, sessionId))?.transcript ?? EMPTY_TRANSCRIPT;
}

/** Keeps the newest turns of a conversation; a full storage loses them quietly, the chat goes on. */
export function saveTranscript(instanceId: string, session: ChatSession, transcript: Transcript): void {
  const kept: Stored = { session, transcript: { ...transcript, turns: transcript.turns.slice(-TURNS_MAX) } };
  try {
    localStorage.setItem(key(instanceId, session.id), JSON.stringify(kept));
  } catch (error) {
    console.warn('The conversation could not be kept in this browser.', error);
  }
}

export function forgetSession(instanceId: string, sessionId: string): void {
  localStorage.removeItem(key(instanceId, sessionId));
}

/** Forgets every conversation in this browser. */
export function forgetTranscripts(): void {
  for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
}
