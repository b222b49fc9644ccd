import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { INSTANCE_COLUMNS, INSTANCE_STAMP, type InstanceRow, presentInstance } from './instance.presenter.ts';
import type { ClawCatalog } from './ports.ts';

/** An instance, and a text that differs for every state of it that the API can show; INSTANCE_STAMP selects it. */
export interface InstanceStamp {
  readonly id: string;
  readonly stamp: string;
}

/** About 2 KB each. */
const KEPT_MAX = 20_000;

/**
 * Instances as the JSON texts that the API answers, each made once for a state of its row: in a list nearly all are as they were,
 * and making them anew is most of what a list costs. Whoever asks has read the stamps as the tenant, so what one may not see is never
 * asked for.
 */
export class ReadyInstances {
  readonly #catalog: ClawCatalog;
  readonly #kept = new LRUCache<string, { readonly stamp: string; readonly text: string }>({ max: KEPT_MAX });

  constructor(catalog: ClawCatalog) {
    this.#catalog = catalog;
  }

  /** The texts in the order of the stamps. */
  async texts(sql: pg.ClientBase, stamps: readonly InstanceStamp[]): Promise<string[]> {
    const kept = stamps.map(({ id, stamp }) => {
      const found = this.#kept.get(id);
      return found?.stamp === stamp ? found.text : undefined;
    });
    const missing = stamps.filter((_, index) => kept[index] === undefined).map(({ id }) => id);
    if (missing.length === 0) return kept as string[];
    const made = await this.#make(sql, missing);
    return stamps.flatMap(({ id }, index) => kept[index] ?? made.get(id) ?? []);
  }

  async #make(sql: pg.ClientBase, ids: readonly string[]): Promise<Map<string, string>> {
    const { rows } = await sql.query<InstanceRow & InstanceStamp>({
      name: 'instances-to-keep',
      text: `SELECT ${INSTANCE_COLUMNS}, ${INSTANCE_STAMP} AS stamp FROM instance i WHERE i.id = ANY($1)`,
      values: [ids],
    });
    return new Map(
      rows.map((row) => {
        const text = JSON.stringify(presentInstance(row, this.#catalog));
        this.#kept.set(row.id, { stamp: row.stamp, text });
        return [row.id, text];
      }),
    );
  }
}
