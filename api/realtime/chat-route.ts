import { WebSocket } from 'ws';
import { z } from 'zod';
import { Failure, failureView } from '../../workflows/contracts/failures.ts';
import { Limits } from '../../workflows/contracts/limits.ts';
import type { Right } from '../http/authorize.ts';
import { toFailure } from '../http/problem.ts';
import { validate } from '../http/validate.ts';
import { type ChatDeps, runTurn } from './chat-run.ts';
import type { ChatItem, ChatSession, ChatSessions } from './chat-session.ts';
import { findClaw } from './claw.ts';
import { chatStreamQuery } from './stream.schema.ts';
import type { StreamRoute, StreamSocket } from './stream-sockets.ts';

const sessionName = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores');

const incoming = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('message'), text: z.string().min(1).max(Limits.chatMessageBytes), session: sessionName.optional() }),
  z.strictObject({ type: z.literal('stop'), session: sessionName.optional() }),
]);

const DEFAULT_SESSION = 'main';
const UNREAD_BYTES = 8 * 1024 * 1024;

/** Chat with a claw: JSON lines in, JSON lines out, resumable. */
export function chatRoute(deps: ChatDeps & { readonly sessions: ChatSessions; readonly right: Right }): StreamRoute<typeof chatStreamQuery> {
  return {
    path: 'stream',
    right: deps.right,
    query: chatStreamQuery,
    check: async (actor, instanceId) => {
      await deps.database.withTenantSql(actor.tenantId, (sql) => findClaw(sql, instanceId));
    },
    open: (stream) => openChat(deps, stream),
  };
}

function openChat(
  deps: ChatDeps & { readonly sessions: ChatSessions },
  { socket, actor, instanceId, query: wanted }: StreamSocket<z.infer<typeof chatStreamQuery>>,
): void {
  const listening = new Map<ChatSession, () => void>();
  const send = (item: ChatItem | Omit<ChatItem, 'session'>) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(JSON.stringify(item));
    // Whoever reads slower than the claw speaks comes back and goes on after what it has.
    if (socket.bufferedAmount > UNREAD_BYTES) socket.terminate();
  };
  const join = (name: string, after: number | null): ChatSession => {
    const session = deps.sessions.of(instanceId, actor.userId, name);
    if (!listening.has(session)) listening.set(session, session.listen(send, after));
    return session;
  };
  const take = (text: string) => {
    const message = validate(incoming, parseLine(text));
    const session = join(message.session ?? wanted.session ?? DEFAULT_SESSION, null);
    if (message.type === 'stop') return session.running?.abort();
    if (session.running) throw new Failure('OPERATION_IN_PROGRESS', 'The claw is still answering.', { nextStep: 'Wait for its answer, or stop it.' });
    void runTurn(deps, session, { actor, instanceId, text: message.text });
  };
  join(wanted.session ?? DEFAULT_SESSION, wanted.after ?? null);
  socket.on('message', (data) => {
    try {
      take(String(data));
    } catch (error) {
      // About the line itself, not part of the conversation: it has no number.
      send({ seq: 0, type: 'error', error: failureView(toFailure(error)) });
    }
  });
  socket.on('close', () => {
    for (const leave of listening.values()) leave();
  });
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure('MALFORMED_REQUEST', 'The line is not well-formed JSON.');
  }
}
