import { interruptedError, type Session } from './client.ts';
import { CliError, ExitCode, isPassing } from './errors.ts';
import { openLive } from './live.ts';

const LOOK_MS = { connected: 5000, alone: 1000 } as const;

interface Follow<T> {
  /** Realtime room whose messages say that it may have changed. */
  readonly room: string;
  look(): Promise<T>;
  ended(view: T): boolean;
  onLook(view: T): void;
  readonly timeoutSeconds: number;
  /** What the time-out's error says, and where it goes on. */
  readonly timedOut: { readonly message: string; readonly nextStep: string };
}

/**
 * Looks again whenever something may have changed, until it ended. The platform may go away meanwhile: accepted work is
 * kept, so only the time-out (exit code 5), Ctrl-C or an answer that is an error ends the waiting.
 */
export async function follow<T>(session: Session, { room, look, ended, onLook, timeoutSeconds, timedOut }: Follow<T>): Promise<T> {
  const first = await look();
  onLook(first);
  if (ended(first)) return first;
  const deadline = AbortSignal.timeout(Math.max(1, timeoutSeconds * 1000));
  const stop = AbortSignal.any([deadline, session.signal]);
  const live = await openLive(session, room);
  try {
    for (;;) {
      await live.next(live.connected ? LOOK_MS.connected : LOOK_MS.alone, stop);
      if (session.signal.aborted) throw interruptedError(timedOut.nextStep);
      if (deadline.aborted) throw new CliError(ExitCode.timeout, timedOut.message, { code: 'TIMEOUT', nextStep: timedOut.nextStep });
      const view = await look().catch((error: unknown) => {
        if (isPassing(error)) return null;
        throw error;
      });
      if (view === null) continue;
      onLook(view);
      if (ended(view)) return view;
    }
  } finally {
    live.close();
  }
}
