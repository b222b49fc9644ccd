/** How far a new key for everything that is sealed has come. */
export const KeyRotationState = { running: 'running', succeeded: 'succeeded' } as const;
export type KeyRotationState = (typeof KeyRotationState)[keyof typeof KeyRotationState];

/** What a rotation is started with. */
export interface KeyRotationOrder {
  /** `rot_…` */
  readonly rotationId: string;
}

/** What became of one pass over everything that is sealed; counts of envelopes. */
export interface ResealPass {
  readonly resealed: number;
  /** Left as they are, because no key opens them. */
  readonly unreadable: number;
}
