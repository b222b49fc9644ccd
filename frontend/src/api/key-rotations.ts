import type { Schemas } from './client.ts';
import { api, unwrap } from './client.ts';
import { randomKey } from './random-key.ts';

export type KeyRotation = Schemas['KeyRotation'];
export type KeyRotationList = Schemas['KeyRotationList'];

/** The key that seals now and the last rotations, newest first. */
export function listKeyRotations(): Promise<KeyRotationList> {
  return unwrap(api.GET('/system/key-rotations'));
}

export function startKeyRotation(): Promise<KeyRotation> {
  return unwrap(api.POST('/system/key-rotations', { params: { header: { 'Idempotency-Key': randomKey() } } }));
}
