interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lockfile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

export function missingOptionals(lock: Lockfile): { name: string; version: string; dev: boolean }[];
export function completed(lock: Lockfile): Lockfile;
