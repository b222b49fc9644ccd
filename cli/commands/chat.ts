import { interruptedError, openSession } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { Conversation } from '../lib/conversation.ts';
import { CliError, formatError, usageError } from '../lib/errors.ts';
import { isInteractive, readStdin } from '../lib/io.ts';
import { findInstance } from '../lib/resolve.ts';

interface ChatOptions {
  readonly session: string;
  readonly model?: boolean;
}

async function talk(context: Context, conversation: Conversation, name: string): Promise<void> {
  const { io } = context;
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: io.stdin, output: process.stderr, prompt: `${name}> ` });
  lines.on('SIGINT', () => (conversation.answering ? conversation.stop() : lines.close()));
  io.stderr.write('Ctrl-C stops an answer, Ctrl-D ends the conversation.\n');
  lines.prompt();
  for await (const line of lines) {
    if (line.trim()) {
      try {
        await conversation.say(line);
      } catch (error) {
        // A failed answer is told, and the conversation goes on.
        if (!(error instanceof CliError)) throw error;
        io.stderr.write(formatError(error, io));
      }
    }
    lines.prompt();
  }
}

/** `claw chat NAME ["text"]`: the answer streams to standard output; without a text it is a conversation. */
export async function chat(context: Context, [word = '', text]: readonly string[], options: ChatOptions): Promise<void> {
  const { io } = context;
  const piped = text === undefined && !isInteractive(io) ? await readStdin(io) : text;
  if (piped !== undefined && !piped.trim()) throw usageError('There is nothing to say.', 'claw chat NAME "text"');
  const session = await openSession(context);
  const { id, name } = await findInstance(session, word);
  const conversation = await Conversation.open(io, session, id, options);
  try {
    if (piped === undefined) await talk(context, conversation, name);
    else await conversation.say(piped);
    if (session.signal.aborted) throw interruptedError();
  } finally {
    conversation.close();
  }
}
