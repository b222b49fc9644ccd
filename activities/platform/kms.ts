import { createSecretBox, type KeyRing } from './secrets.ts';

/**
 * What holds the keys of the keys. It wraps data keys so that they can lie in the database; its own keys never leave it.
 * The one that there is keeps them in the local key file; one for a cloud or for Vault has the same two calls, made once per data key and process.
 */
export interface Kms {
  /** `name` binds what is wrapped to the data key of this id. */
  wrap(dataKey: Uint8Array, name: string): Promise<string>;
  /** Throws when its key is gone or `wrapped` is of another name. */
  unwrap(wrapped: string, name: string): Promise<Uint8Array>;
}

/** The local key file as the holder of keys: its current key wraps, each unwraps. */
export function createFileKms(ring: KeyRing): Kms {
  const box = createSecretBox(ring);
  const context = (name: string) => `data-key/${name}`;
  return {
    wrap: (dataKey, name) => box.seal(Buffer.from(dataKey).toString('base64'), context(name)),
    unwrap: async (wrapped, name) => new Uint8Array(Buffer.from(await box.open(wrapped, context(name)), 'base64')),
  };
}
