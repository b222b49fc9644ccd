import type { KeyRotationOrder, ResealPass } from '../../workflows/contracts/key-rotation.ts';

/** Activities about the keys that secrets are sealed with, of every tenant. All of them are repeatable. */
export interface SecretActivities {
  /** Makes the data key of a rotation. From then on every process seals with it, each within KEY_FRESH_MS. */
  openDataKey(order: KeyRotationOrder): Promise<void>;
  /** Gives everything that an older key sealed an envelope of the newest, batch by batch, and counts it in the rotation. What was done stays done. */
  resealSecrets(order: KeyRotationOrder): Promise<ResealPass>;
  /** Notes that a rotation has ended. */
  endKeyRotation(input: KeyRotationOrder & { readonly unreadable: number }): Promise<void>;
}
