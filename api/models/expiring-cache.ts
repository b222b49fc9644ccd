/** A bounded map whose entries end by themselves; for what another process may change at any time. */
export class ExpiringCache<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly until: number }>();
  readonly #ttlMs: number;
  readonly #maxEntries: number;
  readonly #now: () => number;

  constructor({ ttlMs, maxEntries = 10_000, now = () => performance.now() }: { ttlMs: number; maxEntries?: number; now?: () => number }) {
    this.#ttlMs = ttlMs;
    this.#maxEntries = maxEntries;
    this.#now = now;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry && entry.until > this.#now()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** The cached value, or what `load` answers; a failed load is not remembered. */
  async load(key: string, load: () => Promise<V>): Promise<V> {
    const cached = this.get(key);
    if (cached !== undefined) return cached;
    // Counted from before the load, so that an entry is never older than its time to live.
    const until = this.#now() + this.#ttlMs;
    const value = await load();
    this.#set(key, { value, until });
    return value;
  }

  #set(key: string, entry: { value: V; until: number }): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#maxEntries) this.#evict();
    this.#entries.set(key, entry);
  }

  #evict(): void {
    for (const [key, entry] of this.#entries) if (entry.until <= this.#now()) this.#entries.delete(key);
    const oldest = this.#entries.keys().next();
    if (this.#entries.size >= this.#maxEntries && !oldest.done) this.#entries.delete(oldest.value);
  }
}
