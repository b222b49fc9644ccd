/**
 * Lets those who ask for the same thing at the same time share one answer, so that two hundred portals that hear of one change cost one
 * read and not two hundred. Whoever asks while a read is under way waits for the next one: an answer is never older than its question.
 */
export class SharedReads<T> {
  readonly #lines = new Map<string, Line<T>>();

  /** The answer to `key`, which names everything that it depends on, also who may see what. Rejects like the read that it shares. */
  read(key: string, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(key);
    if (line) {
      line.next ??= line.current.then(
        () => this.#begin(key, work),
        () => this.#begin(key, work),
      );
      return line.next;
    }
    return this.#begin(key, work);
  }

  #begin(key: string, work: () => Promise<T>): Promise<T> {
    const line: Line<T> = { current: work(), next: null };
    this.#lines.set(key, line);
    const end = () => {
      if (!line.next) this.#lines.delete(key);
    };
    line.current.then(end, end);
    return line.current;
  }
}

/** A read that is under way, and the one after it that somebody waits for. */
interface Line<T> {
  readonly current: Promise<T>;
  next: Promise<T> | null;
}
