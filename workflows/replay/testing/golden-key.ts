import { createHash } from 'node:crypto';
import type { KeyRing } from '../../../activities/platform/secrets.ts';

/** Opens the golden histories and nothing else: they hold only what scripted claws said. */
export const goldenKeyRing: KeyRing = {
  current: 'golden',
  keys: new Map([['golden', new Uint8Array(createHash('sha256').update('golden histories of ClawLoops').digest())]]),
};
