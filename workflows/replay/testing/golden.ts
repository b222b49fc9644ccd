import { readFileSync, writeFileSync } from 'node:fs';
import proto, { type temporal } from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;
type GoldenHistory = temporal.api.history.v1.IHistory;

/** Where the golden histories lie. */
export const GOLDEN_FOLDER = new URL('../histories/', import.meta.url);

export interface Golden {
  readonly workflowId: string;
  readonly history: GoldenHistory;
}

/** Writes one history as JSON that people can compare; its payloads stay encrypted. */
export function writeGolden(file: string, workflowId: string, history: GoldenHistory): void {
  const readable = History.toObject(History.create(history), { enums: String, longs: String, bytes: String });
  writeFileSync(new URL(file, GOLDEN_FOLDER), `${JSON.stringify({ workflowId, history: readable }, null, 1)}\n`);
}

/** Reads one history. Throws when the file is no history. */
export function readGolden(file: string): Golden {
  const { workflowId, history } = JSON.parse(readFileSync(new URL(file, GOLDEN_FOLDER), 'utf8')) as { workflowId: string; history: Record<string, unknown> };
  return { workflowId, history: History.fromObject(history) };
}
