import { ref, shallowRef } from 'vue';
import type { FailureView } from '../../../../workflows/contracts/failures.ts';
import { useLineSocket } from '../../composables/use-line-socket.ts';
import { type LiveSample, withSamples } from './metric-view.ts';

/** How far back the live charts look. */
export const LIVE_SECONDS = 600;
// The first samples come in one burst; one repaint is enough.
const FLUSH_MS = 50;

type SampleMessage = ({ readonly type: 'sample' } & LiveSample) | { readonly type: 'error'; readonly error: FailureView };

/** What an instance uses, as it is measured. */
export function useLiveSamples(instanceId: string) {
  const samples = shallowRef<readonly LiveSample[]>([]);
  const failure = ref<FailureView | null>(null);
  /** The first look at what there is has had its time. */
  const looked = ref(false);
  let waiting: LiveSample[] = [];
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    samples.value = withSamples(samples.value, waiting, LIVE_SECONDS);
    waiting = [];
  }

  const socket = useLineSocket({
    path: () => `/api/v1/instances/${instanceId}/metrics/stream?past=${LIVE_SECONDS}`,
    receive: (message) => {
      const told = message as SampleMessage;
      failure.value = told.type === 'error' ? told.error : null;
      if (told.type !== 'sample') return;
      waiting.push(told);
      looked.value = true;
      if (!scheduled) setTimeout(flush, FLUSH_MS);
      scheduled = true;
    },
  });

  return { samples, failure, looked, connection: socket.state, open: socket.open };
}
