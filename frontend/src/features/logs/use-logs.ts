import { ref, shallowRef } from 'vue';
import type { FailureView } from '../../../../workflows/contracts/failures.ts';
import { useLineSocket } from '../../composables/use-line-socket.ts';
import type { LogLine } from './log-lines.ts';
import { appendLines } from './log-lines.ts';

const TAIL = 1000;
// Lines come in bursts; one repaint per frame is enough.
const FLUSH_MS = 50;

type LogMessage = ({ readonly type: 'line' } & LogLine) | { readonly type: 'error'; readonly seq: number; readonly error: FailureView };

/** The log of an instance as it is written. After a lost connection the tail is read anew. */
export function useLogs(instanceId: string) {
  const lines = shallowRef<readonly LogLine[]>([]);
  const failure = ref<FailureView | null>(null);
  let waiting: LogLine[] = [];
  let scheduled = false;
  let fresh = true;

  function flush(): void {
    scheduled = false;
    const base = fresh ? [] : lines.value;
    fresh = false;
    lines.value = appendLines(base, waiting);
    waiting = [];
  }

  const socket = useLineSocket({
    path: () => {
      fresh = true;
      waiting = [];
      return `/api/v1/instances/${instanceId}/logs/stream?tail=${TAIL}`;
    },
    receive: (message) => {
      const told = message as LogMessage;
      failure.value = told.type === 'error' ? told.error : null;
      if (told.type !== 'line') return;
      waiting.push(told);
      if (!scheduled) setTimeout(flush, FLUSH_MS);
      scheduled = true;
    },
  });

  function clear(): void {
    lines.value = [];
  }

  return { lines, failure, connection: socket.state, open: socket.open, clear };
}
