import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Keys } from './secrets.ts';

/** Signs texts with keys that are made of those that seal, and proves such signatures. */
export interface Signer {
  /** `<id of the key>.<HMAC-SHA256 in base64url>`. */
  sign(text: string): Promise<string>;
  /** False for a signature that is not ours, and for one of a key that is gone. */
  proves(text: string, signature: string): Promise<boolean>;
}

/** `purpose` keeps what is signed for one thing from counting for another. */
export function createSigner(keys: Keys, purpose: string): Signer {
  const derived = new Map<string, Buffer>();
  const mac = (text: string, id: string, key: Uint8Array): Buffer => {
    const own = derived.get(id) ?? Buffer.from(hkdfSync('sha256', key, '', `clawloops/sign/${purpose}`, 32));
    derived.set(id, own);
    return createHmac('sha256', own).update(text).digest();
  };
  return {
    sign: async (text) => {
      const { id, key } = await keys.sealing();
      return `${id}.${mac(text, id, key).toString('base64url')}`;
    },
    proves: async (text, signature) => {
      const at = signature.lastIndexOf('.');
      const id = signature.slice(0, at);
      const given = Buffer.from(signature.slice(at + 1), 'base64url');
      const key = await keys.opening(id).catch(() => null);
      if (!key) return false;
      const own = mac(text, id, key);
      return own.length === given.length && timingSafeEqual(own, given);
    },
  };
}
