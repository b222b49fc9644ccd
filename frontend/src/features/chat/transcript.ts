/**
 * What the chat socket sends, one JSON line each; `seq` grows by one and is what a resumed socket asks after. An error with `seq` 0 is
 * about the line that was sent, not part of the conversation.
 */
export interface ChatEvent {
  readonly seq: number;
  readonly session?: string;
  readonly type: 'delta' | 'tool' | 'error' | 'done';
  readonly text?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly nextStep: string };
  readonly model?: string;
  readonly usage?: { readonly promptTokens?: number; readonly completionTokens?: number };
}

export interface ChatTurn {
  readonly id: string;
  readonly role: 'person' | 'claw';
  readonly text: string;
  readonly at: string;
  readonly state: 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed';
  readonly tools: readonly string[];
  readonly error: ChatEvent['error'] | null;
  readonly model: string | null;
  readonly tokens: number | null;
}

/** One conversation; `lastSeq` is where a reconnecting socket resumes. */
export interface Transcript {
  readonly turns: readonly ChatTurn[];
  readonly lastSeq: number;
}

export const EMPTY_TRANSCRIPT: Transcript = { turns: [], lastSeq: 0 };

function turn(id: string, role: ChatTurn['role'], text: string, at: string, state: ChatTurn['state']): ChatTurn {
  return { id, role, text, at, state, tools: [], error: null, model: null, tokens: null };
}

/** The person's message and the place for the answer. `id` must be new in this transcript. */
export function ask(transcript: Transcript, id: string, text: string, at: string): Transcript {
  return { ...transcript, turns: [...transcript.turns, turn(id, 'person', text, at, 'done'), turn(`${id}-answer`, 'claw', '', at, 'waiting')] };
}

/** Whether an answer is on its way. */
export function isAnswering(transcript: Transcript): boolean {
  const last = transcript.turns.at(-1);
  return last !== undefined && (last.state === 'waiting' || last.state === 'streaming');
}

function applyTo(last: ChatTurn, event: ChatEvent): ChatTurn {
  const model = event.model ?? last.model;
  switch (event.type) {
    case 'delta':
      return { ...last, model, text: last.text + (event.text ?? ''), state: 'streaming' };
    case 'tool':
      return { ...last, model, tools: [...last.tools, event.text ?? ''], state: 'streaming' };
    case 'error':
      return { ...last, model, error: event.error ?? null, state: 'failed' };
    case 'done': {
      const tokens = event.usage === undefined ? last.tokens : (event.usage.promptTokens ?? 0) + (event.usage.completionTokens ?? 0);
      // Some claws stream nothing and say everything at the end.
      const text = last.text === '' && event.text !== undefined ? event.text : last.text;
      return { ...last, model, text, tokens, state: last.state === 'failed' || last.state === 'stopped' ? last.state : 'done' };
    }
  }
}

/**
 * Takes in an event. One that was seen before (a resumed socket repeats), or that answers something asked elsewhere (the same session
 * in another tab), changes nothing but `lastSeq`.
 */
export function receive(transcript: Transcript, event: ChatEvent): Transcript {
  if (event.seq === 0) return event.error === undefined ? transcript : failAnswer(transcript, event.error);
  if (event.seq <= transcript.lastSeq) return transcript;
  const last = transcript.turns.at(-1);
  const concerns = last?.role === 'claw' && (isAnswering(transcript) || event.type === 'done');
  if (last === undefined || !concerns) return { ...transcript, lastSeq: event.seq };
  return { turns: [...transcript.turns.slice(0, -1), applyTo(last, event)], lastSeq: event.seq };
}

/** The person pressed stop: what came so far stays. */
export function stopAnswer(transcript: Transcript): Transcript {
  const last = transcript.turns.at(-1);
  if (last === undefined || !isAnswering(transcript)) return transcript;
  return { ...transcript, turns: [...transcript.turns.slice(0, -1), { ...last, state: 'stopped' }] };
}

/** The connection is gone for good: an open answer ends as failed with this error. */
export function failAnswer(transcript: Transcript, error: NonNullable<ChatEvent['error']>): Transcript {
  const last = transcript.turns.at(-1);
  if (last === undefined || !isAnswering(transcript)) return transcript;
  return { ...transcript, turns: [...transcript.turns.slice(0, -1), { ...last, state: 'failed', error }] };
}
