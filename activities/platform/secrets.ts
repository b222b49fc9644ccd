import { readFileSync } from 'node:fs';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';

/** A key of 32 bytes and the name by which envelopes say that it sealed them. */
export interface NamedKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/** Keys by id; `current` seals, every key opens. */
export interface KeyRing {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** Keys that may change while a process runs. */
export interface Keys {
  /** The one that seals now. */
  sealing(): Promise<NamedKey>;
  /** Throws when there is no such key. */
  opening(id: string): Promise<Uint8Array>;
}

/** Seals and opens secrets as JWE (A256GCMKW, A256GCM, `kid` in the header). `context` binds an envelope to its row, e.g. `provider/prv_…`. */
export interface SecretBox {
  seal(plain: string, context: string): Promise<string>;
  open(envelope: string, context: string): Promise<string>;
  /** The same secret for the same row under the key that seals now. */
  reseal(envelope: string): Promise<string>;
}

/** Reads the local key file. Throws when it is missing, malformed or a key is not 32 bytes long. */
export function readKeyRing(file: string): KeyRing {
  const parsed = JSON.parse(readFileSync(file, 'utf8')) as { current?: unknown; keys?: Record<string, unknown> };
  const keys = new Map(Object.entries(parsed.keys ?? {}).map(([kid, key]) => [kid, new Uint8Array(Buffer.from(String(key), 'base64'))]));
  if (typeof parsed.current !== 'string' || !keys.has(parsed.current)) throw new Error('the key file names no current key that it holds');
  for (const [kid, key] of keys) if (key.length !== 32) throw new Error(`key ${kid} of the key file is not 32 bytes long`);
  return { current: parsed.current, keys };
}

/** A ring that stays as it is, as keys; keys that change are given back unchanged. */
export function keysOf(source: KeyRing | Keys): Keys {
  if (!('current' in source)) return source;
  const opening = async (id: string): Promise<Uint8Array> => {
    const key = source.keys.get(id);
    if (!key) throw new Error(`there is no key ${id} in the key file`);
    return key;
  };
  return { sealing: async () => ({ id: source.current, key: await opening(source.current) }), opening };
}

export function createSecretBox(source: KeyRing | Keys): SecretBox {
  const keys = keysOf(source);
  const seal = async (plain: Uint8Array, context: string): Promise<string> => {
    const { id, key } = await keys.sealing();
    return new CompactEncrypt(plain).setProtectedHeader({ alg: 'A256GCMKW', enc: 'A256GCM', kid: id, ctx: context }).encrypt(key);
  };
  const open = async (envelope: string, context: string): Promise<Uint8Array> => {
    const { plaintext, protectedHeader } = await compactDecrypt(envelope, ({ kid }) => keys.opening(String(kid)));
    if (protectedHeader.ctx !== context) throw new Error('the sealed secret belongs to something else');
    return plaintext;
  };
  return {
    seal: (plain, context) => seal(new TextEncoder().encode(plain), context),
    open: async (envelope, context) => new TextDecoder().decode(await open(envelope, context)),
    reseal: async (envelope) => {
      const context = String(decodeProtectedHeader(envelope).ctx);
      return seal(await open(envelope, context), context);
    },
  };
}

/** What binds the envelope of a stored secret to its row. */
export function secretContext(tenantId: string, name: string): string {
  return `config-secret/${tenantId}/${name}`;
}
