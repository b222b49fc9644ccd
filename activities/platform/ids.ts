import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { IdPrefix } from '../../workflows/contracts/ids.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const BODY_CHARACTERS = 20;

function base32(bytes: Uint8Array, characters: number): string {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  const total = BigInt(bytes.length * 8);
  let text = '';
  for (let index = 1; index <= characters; index += 1) text += ALPHABET[Number((bits >> (total - BigInt(index * 5))) & 31n)];
  return text;
}

/** A new sortable id, e.g. `ins_01kah3…`: the first 100 bits of a UUIDv7 in base 32. Those of one process sort as they were made. */
export function newId(prefix: IdPrefix): string {
  // With options, even none, the library counts nothing within a millisecond.
  return `${prefix}_${base32(uuidv7(undefined, new Uint8Array(16)), BODY_CHARACTERS)}`;
}

/** A slug: the name and eight random base-32 characters, e.g. `sales-bot-k3v9q2ma`. */
export function newSlug(name: string): string {
  return `${name}-${base32(randomBytes(5), 8)}`;
}

/** 256 random bits for keys, tokens and codes, in base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What the database keeps of a random secret: sha256 in hex. Not for passwords. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares a presented secret with a stored hash in constant time. */
export function secretMatches(secret: string, hash: string): boolean {
  const presented = Buffer.from(secretHash(secret), 'hex');
  const stored = Buffer.from(hash, 'hex');
  return presented.length === stored.length && timingSafeEqual(presented, stored);
}
