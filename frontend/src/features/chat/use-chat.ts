import { computed, ref, shallowRef, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { randomKey } from '../../api/random-key.ts';
import { useLineSocket } from '../../composables/use-line-socket.ts';
import type { ChatEvent, Transcript } from './transcript.ts';
import { ask, failAnswer, isAnswering, receive, stopAnswer } from './transcript.ts';
import type { ChatSession } from './transcript-store.ts';
import { forgetSession, listSessions, loadTranscript, saveTranscript } from './transcript-store.ts';

const TITLE_CHARACTERS = 48;

function newSession(): ChatSession {
  return { id: `portal-${randomKey().slice(0, 12)}`, title: '', startedAt: new Date().toISOString() };
}

/** A conversation with one claw: its sessions, the transcript of the chosen one, and the socket that carries it. */
export function useChat(instanceId: string) {
  const { t } = useI18n();
  const sessions = ref<readonly ChatSession[]>(listSessions(instanceId));
  const session = ref<ChatSession>(sessions.value[0] ?? newSession());
  const transcript = shallowRef<Transcript>(loadTranscript(instanceId, session.value.id));

  let resumed = false;
  const socket = useLineSocket({
    path: () => {
      resumed = true;
      return `/api/v1/instances/${instanceId}/stream?session=${encodeURIComponent(session.value.id)}&after=${transcript.value.lastSeq}`;
    },
    receive: (message) => {
      const event = message as ChatEvent;
      if (event.session !== undefined && event.session !== session.value.id) return;
      // The server sends only what comes after; a smaller number means that it has begun to count anew.
      const counted = resumed && event.seq > 0 && event.seq <= transcript.value.lastSeq ? { ...transcript.value, lastSeq: 0 } : transcript.value;
      resumed = false;
      transcript.value = receive(counted, event);
    },
    closed: (state) => {
      if (state === 'refused') fail();
    },
  });

  function fail(): void {
    transcript.value = failAnswer(transcript.value, { code: 'NETWORK', message: t('error.network.title'), nextStep: t('error.network.next') });
  }

  function send(text: string): boolean {
    if (!socket.send({ type: 'message', text, session: session.value.id })) return false;
    if (session.value.title === '') session.value = { ...session.value, title: text.slice(0, TITLE_CHARACTERS) };
    transcript.value = ask(transcript.value, randomKey(), text, new Date().toISOString());
    return true;
  }

  function stop(): void {
    socket.send({ type: 'stop', session: session.value.id });
    transcript.value = stopAnswer(transcript.value);
  }

  function choose(next: ChatSession): void {
    session.value = next;
    transcript.value = loadTranscript(instanceId, next.id);
    socket.open();
  }

  function forget(old: ChatSession): void {
    forgetSession(instanceId, old.id);
    sessions.value = listSessions(instanceId);
    if (old.id === session.value.id) choose(sessions.value[0] ?? newSession());
  }

  watch(transcript, (now) => {
    if (now.turns.length === 0) return;
    saveTranscript(instanceId, session.value, now);
    sessions.value = listSessions(instanceId);
  });

  return {
    sessions,
    session,
    transcript,
    send,
    stop,
    choose,
    forget,
    start: () => choose(newSession()),
    open: socket.open,
    close: socket.close,
    connection: socket.state,
    answering: computed(() => isAnswering(transcript.value)),
    model: computed(() => transcript.value.turns.findLast((turn) => turn.model !== null)?.model ?? null),
  };
}
