import type { Session } from './client.ts';

/** Wakes whoever shows something when it may have changed. */
export interface Live {
  /** Resolves at the next change, after `maxMs` at the latest (messages are hints and may be missed), or when `signal` aborts. */
  next(maxMs: number, signal: AbortSignal): Promise<void>;
  readonly connected: boolean;
  close(): void;
}

/** Subscribes to a realtime room of the platform, again after every reconnect. Never throws: without it `next` is a timer. */
export async function openLive({ target }: Session, room: string): Promise<Live> {
  const { io } = await import('socket.io-client');
  const { origin, pathname } = new URL(target.url);
  const socket = io(origin, {
    path: `${pathname.replace(/\/$/, '')}/realtime`,
    transports: ['websocket'],
    extraHeaders: { authorization: `Bearer ${target.apiKey}` },
    forceNew: true,
  });
  let changed = false;
  let wake = (): void => {};
  const onChange = (): void => {
    changed = true;
    wake();
  };
  // Whatever happened before the subscription was in place shows at the look that follows it.
  socket.on('connect', () => socket.emit('subscribe', { room }, onChange));
  socket.on('message', onChange);
  return {
    async next(maxMs, signal) {
      if (!changed && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, maxMs);
          const done = (): void => {
            clearTimeout(timer);
            resolve();
          };
          signal.addEventListener('abort', done, { once: true });
          wake = done;
        });
      }
      changed = false;
    },
    get connected() {
      return socket.connected;
    },
    close: () => void socket.disconnect(),
  };
}
