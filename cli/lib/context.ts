import type { Command } from 'commander';
import type { Io } from './io.ts';

/** What every command gets besides its own arguments. */
export interface Context {
  readonly io: Io;
  /** `--profile`, when given. */
  readonly profile: string | undefined;
  /** `--tenant`, when given: name or id of the tenant whose profile is used. */
  readonly tenant?: string | undefined;
  /** The whole command line's options of this command and of `claw` itself are read from here. */
  readonly root: Command;
}
