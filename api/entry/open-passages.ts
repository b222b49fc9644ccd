import type { EntryGuard } from './entry-guard.ts';

/** Requests and sockets on their way to claws, by whose they are. */
export interface OpenPassages {
  /** Keeps how to end a passage; what it answers forgets it. */
  hold(tokenHash: string, cut: () => void): () => void;
  readonly open: number;
  close(): void;
}

const RECHECK_MS = 1000;

/** Looks once a second at the rights of everybody who has something open, and ends what is no longer theirs. */
export function createOpenPassages(guard: EntryGuard, recheckMilliseconds = RECHECK_MS): OpenPassages {
  const held = new Map<string, Set<() => void>>();
  const cutAll = (tokenHash: string) => {
    for (const cut of held.get(tokenHash) ?? []) cut();
  };
  const recheck = async (tokenHash: string) => {
    if (!(await guard.stillAdmitted(tokenHash))) cutAll(tokenHash);
  };
  const timer = setInterval(() => {
    for (const tokenHash of held.keys()) void recheck(tokenHash);
  }, recheckMilliseconds);
  return {
    hold: (tokenHash, cut) => {
      const mine = held.get(tokenHash) ?? new Set();
      held.set(tokenHash, mine.add(cut));
      return () => {
        mine.delete(cut);
        if (mine.size === 0 && held.get(tokenHash) === mine) held.delete(tokenHash);
      };
    },
    get open() {
      return [...held.values()].reduce((sum, mine) => sum + mine.size, 0);
    },
    close: () => {
      clearInterval(timer);
      for (const tokenHash of held.keys()) cutAll(tokenHash);
    },
  };
}
