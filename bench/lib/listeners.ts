import { io, type Socket } from 'socket.io-client';
import type { Fleet } from '../../deploy/local/testing/fleet.ts';
import type { RealtimeMessage } from '../../workflows/contracts/events.ts';
import { loopbackUrl } from './fleet.ts';

/** Portals that are open, each with its own connection to the room of the tenant. */
export interface Listeners {
  readonly count: number;
  /** Connects more until there are this many. */
  growTo(count: number): Promise<void>;
  /** Moments (ms since the epoch) at which each of them heard of the first message that `matches`, within `seconds`; fewer when some never did. */
  hear(matches: (message: RealtimeMessage) => boolean, seconds: number): Heard;
  close(): void;
}

export interface Heard {
  readonly moments: Promise<number[]>;
}

type Ear = (socket: number, message: RealtimeMessage) => void;
const CONNECT_AT_ONCE = 20;

export function openListeners(fleet: Fleet): Listeners {
  const sockets: Socket[] = [];
  const ears = new Set<Ear>();
  const connectOne = async () => {
    const socket = io(loopbackUrl(fleet), { path: '/realtime', transports: ['websocket'], forceNew: true, reconnection: false, auth: { token: fleet.apiKey } });
    await new Promise<void>((resolve, reject) => socket.on('connect', () => resolve()).on('connect_error', reject));
    const answer: { ok: boolean } = await socket.emitWithAck('subscribe', { room: `tenant:${fleet.tenantId}` });
    if (!answer.ok) throw new Error('a listener was refused');
    const number = sockets.push(socket);
    socket.on('message', (message: RealtimeMessage) => {
      for (const ear of ears) ear(number, message);
    });
  };
  return {
    get count() {
      return sockets.length;
    },
    growTo: async (count) => {
      while (sockets.length < count) await Promise.all(Array.from({ length: Math.min(CONNECT_AT_ONCE, count - sockets.length) }, connectOne));
    },
    hear: (matches, seconds) => ({ moments: hearAll(ears, sockets.length, matches, seconds) }),
    close: () => {
      for (const socket of sockets) socket.close();
    },
  };
}

function hearAll(ears: Set<Ear>, count: number, matches: (message: RealtimeMessage) => boolean, seconds: number): Promise<number[]> {
  return new Promise((resolve) => {
    const moments = new Map<number, number>();
    const end = () => {
      ears.delete(ear);
      clearTimeout(timer);
      resolve([...moments.values()]);
    };
    const ear: Ear = (socket, message) => {
      if (moments.has(socket) || !matches(message)) return;
      moments.set(socket, Date.now());
      if (moments.size === count) end();
    };
    const timer = setTimeout(end, seconds * 1000);
    ears.add(ear);
  });
}
