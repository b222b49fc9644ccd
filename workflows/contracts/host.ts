/** What a bridge tells of its machine when it connects, and again when it changes. Sizes in bytes. */
export interface HostInfo {
  readonly hostname: string;
  readonly platform: string;
  readonly arch: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskFreeBytes: number;
  readonly bridgeVersion: string;
  readonly nodeVersion: string;
  /** `uid`: every claw has a uid of its own. `none`: no root, claws of one tenant only. */
  readonly isolation: 'uid' | 'none';
  /** How memory and CPU are limited here, and why not where they are not. */
  readonly limits: { readonly memory: boolean; readonly cpu: boolean; readonly reason: string | null };
  /** First port of slot 0, ports a slot has, number of slots. */
  readonly ports: { readonly base: number; readonly perSlot: number; readonly slots: number };
}

/** A claw that a bridge has and the platform has never heard of, e.g. made after the backup it was restored from. It runs on. */
export interface UnknownClaw {
  readonly instanceId: string;
  readonly slug: string;
}

export const HostState = { pending: 'pending', online: 'online', offline: 'offline' } as const;
export type HostState = (typeof HostState)[keyof typeof HostState];

export interface HostView {
  readonly id: string;
  readonly name: string;
  readonly state: HostState;
  readonly info: HostInfo | null;
  readonly instances: number;
  readonly reserved: { readonly cpu: string; readonly memory: string };
  readonly unknownClaws: readonly UnknownClaw[];
  readonly lastSeenAt: string | null;
  readonly createdAt: string;
}
