import { useQueryClient } from '@tanstack/vue-query';
import { createSharedComposable } from '@vueuse/core';
import type { Socket } from 'socket.io-client';
import { onScopeDispose, ref, watch } from 'vue';
import type { RealtimeMessage } from '../../../workflows/contracts/events.ts';
import { useSession } from '../composables/use-session.ts';
import { mergeStaleKeys } from './invalidation.ts';

/** `connecting` also covers every later reconnect. */
export type LiveState = 'connecting' | 'live' | 'offline';

// A burst (one operation writes several rows) becomes one refetch; well below what people notice.
const BATCH_MS = 120;

function createLive() {
  const client = useQueryClient();
  const { me } = useSession();
  const state = ref<LiveState>('connecting');
  let socket: Socket | null = null;
  let waiting: RealtimeMessage[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasConnected = false;

  function flush(): void {
    const keys = mergeStaleKeys(waiting);
    waiting = [];
    timer = undefined;
    for (const queryKey of keys) void client.invalidateQueries({ queryKey: [...queryKey] });
  }

  function receive(message: RealtimeMessage): void {
    waiting.push(message);
    timer ??= setTimeout(flush, BATCH_MS);
  }

  function joined(answer: { ok: boolean }): void {
    state.value = answer.ok ? 'live' : 'offline';
    // What happened between two connections was told to nobody: everything shown is asked for again.
    if (wasConnected) void client.invalidateQueries();
    wasConnected = true;
  }

  async function connect(tenantId: string): Promise<void> {
    const { io } = await import('socket.io-client');
    socket?.close();
    socket = io({ path: '/realtime', transports: ['websocket'], withCredentials: true, reconnectionDelayMax: 5000, query: { tenant: tenantId } });
    socket.on('connect', () => socket?.emit('subscribe', { room: `tenant:${tenantId}` }, joined));
    socket.on('message', receive);
    socket.on('disconnect', () => {
      state.value = 'connecting';
    });
    socket.on('connect_error', () => {
      state.value = 'offline';
    });
  }

  watch(
    () => me.value?.tenant.id,
    (tenantId) => {
      if (tenantId !== undefined) void connect(tenantId);
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    socket?.close();
    clearTimeout(timer);
  });
  return { state };
}

/** The one live connection of this tab; while somebody uses it, messages make cached answers stale. */
export const useLive = createSharedComposable(createLive);
