import { onScopeDispose, ref } from 'vue';
import { ofChosenTenant } from '../api/tenant-choice.ts';

/** `closed`: lost, another attempt follows. `ended`: the server had nothing more to say. `refused`: asking again would change nothing. */
export type LineSocketState = 'connecting' | 'open' | 'closed' | 'ended' | 'refused';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
const NORMAL_END = 1000;
const POLICY_VIOLATION = 1008;

interface LineSocketOptions {
  /** Path with query, asked again before each connection so that it can resume. */
  readonly path: () => string;
  readonly receive: (message: unknown) => void;
  readonly closed?: (state: LineSocketState) => void;
}

/** A WebSocket of JSON lines that comes back by itself with growing pauses. */
export function useLineSocket(options: LineSocketOptions) {
  const state = ref<LineSocketState>('closed');
  let socket: WebSocket | null = null;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function takeIn(data: unknown): void {
    for (const line of String(data).split('\n')) {
      if (line.trim() !== '') options.receive(JSON.parse(line));
    }
  }

  function lost(code: number): void {
    socket = null;
    state.value = code === NORMAL_END ? 'ended' : code === POLICY_VIOLATION ? 'refused' : 'closed';
    options.closed?.(state.value);
    if (state.value !== 'closed') return;
    timer = setTimeout(open, Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures));
    failures += 1;
  }

  function open(): void {
    close();
    const url = new URL(ofChosenTenant(options.path()), location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const own = new WebSocket(url);
    socket = own;
    state.value = 'connecting';
    own.onopen = () => {
      failures = 0;
      state.value = 'open';
    };
    own.onmessage = (event) => takeIn(event.data);
    own.onclose = (event) => {
      if (socket === own) lost(event.code);
    };
  }

  function close(): void {
    clearTimeout(timer);
    const own = socket;
    socket = null;
    own?.close();
    state.value = 'closed';
  }

  function send(message: object): boolean {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(`${JSON.stringify(message)}\n`);
    return true;
  }

  onScopeDispose(close);
  return { state, open, close, send };
}
