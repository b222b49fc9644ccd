import { Client, Connection } from '@temporalio/client';
import type { KeyRing, Keys } from '../secrets.ts';
import { createDataConverter } from './data-converter.ts';

export interface TemporalConfig {
  /** Host and port of the frontend. */
  readonly address: string;
  readonly namespace: string;
  readonly keyRing: KeyRing | Keys;
}

/** A client that speaks the platform's data converter. Connects at the first call and again whenever the server comes back; close its `connection`. */
export function createTemporalClient({ address, namespace, keyRing }: TemporalConfig): Client & { readonly connection: Connection } {
  const connection = Connection.lazy({ address });
  return new Client({ connection, namespace, dataConverter: createDataConverter(keyRing) }) as Client & { readonly connection: Connection };
}
