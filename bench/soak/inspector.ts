import { readFileSync } from 'node:fs';
import WebSocket from 'ws';
import type { PlatformPart } from '../../deploy/local/platform.ts';
import { waitFor } from '../lib/wait.ts';

/** What a fleet is started with so that its processes can be looked into: any free port, and open only to who asks by SIGUSR1. */
export const INSPECTABLE: Readonly<Record<string, string>> = { NODE_OPTIONS: '--inspect-port=0' };

/** Asks one thread of a process by the protocol of Chromium's developer tools. Rejects when it answers an error or has gone. */
export type Ask = (method: string, params?: object) => Promise<unknown>;

/** A running Node process, opened for looking. */
export interface Inspector {
  /** The main thread, and its worker threads as they are now. */
  readonly threads: readonly Ask[];
  close(): void;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly sessionId: string; readonly message?: string };
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Looks into a process of a fleet that was started with {@link INSPECTABLE}. Rejects when it cannot be reached. */
export async function inspect(part: PlatformPart, signal: AbortSignal): Promise<Inspector> {
  await part.kill('SIGUSR1');
  const socket = await waitFor(`the inspector of ${part.name}`, { everyMs: 50, seconds: 20, signal }, () => dial(part.logFile));
  const workers = new Map<string, ReturnType<typeof exchange>>();
  const main = exchange((text) => socket.send(text));
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message;
    const { sessionId = '', message: inner } = message.params ?? {};
    if (message.method === 'NodeWorker.attachedToWorker')
      workers.set(
        sessionId,
        exchange((text) => void main.ask('NodeWorker.sendMessageToWorker', { sessionId, message: text }).catch(() => undefined)),
      );
    else if (message.method === 'NodeWorker.receivedMessageFromWorker') workers.get(sessionId)?.take(JSON.parse(inner ?? '{}') as Message);
    else main.take(message);
  });
  socket.on('close', () => {
    for (const { end } of [main, ...workers.values()]) end(new Error(`${part.name} has gone while it was looked into`));
  });
  await main.ask('NodeWorker.enable', { waitForDebuggerOnStart: false });
  return { threads: [main.ask, ...[...workers.values()].map(({ ask }) => ask)], close: () => socket.close() };
}

/** Null while nobody is there: a part that was started again writes on in the log of the one before. */
function dial(logFile: string): Promise<WebSocket | null> {
  const address = [...readFileSync(logFile, 'utf8').matchAll(/^Debugger listening on (ws:\S+)$/gm)].at(-1)?.[1];
  if (!address) return Promise.resolve(null);
  const socket = new WebSocket(address);
  return new Promise((resolve) => socket.once('open', () => resolve(socket)).once('error', () => resolve(null)));
}

/** Questions on their way and who waits for their answers. */
function exchange(send: (text: string) => void): { readonly ask: Ask; take(message: Message): void; end(error: Error): void } {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let count = 0;
  return {
    ask: (method, params = {}) =>
      new Promise((resolve, reject) => {
        count += 1;
        waiting.set(count, { resolve, reject });
        send(JSON.stringify({ id: count, method, params }));
      }),
    take: ({ id = 0, result, error }) => {
      const asked = waiting.get(id);
      waiting.delete(id);
      if (error) asked?.reject(new Error(error.message));
      else asked?.resolve(result);
    },
    end: (error) => {
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    },
  };
}
