import { readFileSync } from 'node:fs';
import { CompactEncrypt, compactDecrypt } from 'jose';

/** Key-encryption keys by id; `current` seals, every key opens. */
export interface KeyRing {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** Seals and opens secrets as JWE (A256GCMKW, A256GCM, `kid` in the header). `context` binds an envelope to its row, e.g. `provider/prv_…`. */
export interface SecretBox {
  seal(plain: string, context: string): Promise<string>;
  open(envelope: string, context: string): Promise<string>;
}

/** Reads the local key file. Throws when it is missing, malformed or a key is not 32 bytes long. */
export function readKeyRing(file: string): KeyRing {
  const parsed = JSON.parse(readFileSync(file, 'utf8')) as { current?: unknown; keys?: Record<string, unknown> };
  const keys = new Map(Object.entries(parsed.keys ?? {}).map(([kid, key]) => [kid, new Uint8Array(Buffer.from(String(key), 'base64'))]));
  if (typeof parsed.current !== 'string' || !keys.has(parsed.current)) throw new Error('the key file names no current key that it holds');
  for (const [kid, key] of keys) if (key.length !== 32) throw new Error(`key ${kid} of the key file is not 32 bytes long`);
  return { current: parsed.current, keys };
}

export function createSecretBox(ring: KeyRing): SecretBox {
  return {
    seal: (plain, context) =>
      new CompactEncrypt(new TextEncoder().encode(plain))
        .setProtectedHeader({ alg: 'A256GCMKW', enc: 'A256GCM', kid: ring.current, ctx: context })
        .encrypt(keyOf(ring, ring.current)),
    open: async (envelope, context) => {
      const { plaintext, protectedHeader } = await compactDecrypt(envelope, (header) => keyOf(ring, String(header.kid)));
      if (protectedHeader.ctx !== context) throw new Error('the sealed secret belongs to something else');
      return new TextDecoder().decode(plaintext);
    },
  };
}

function keyOf(ring: KeyRing, kid: string): Uint8Array {
  const key = ring.keys.get(kid);
  if (!key) throw new Error(`there is no key ${kid} in the key file`);
  return key;
}
