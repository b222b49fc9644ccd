import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A binary that a PyPI wheel repackages. `sha256` lists the wheel of every platform. */
export interface WheelTool {
  readonly kind: 'wheel';
  readonly package: string;
  readonly version: string;
  readonly serverVersion?: string;
  readonly binary: string;
  readonly versionArgs: readonly string[];
  readonly versionPattern: string;
  readonly sha256: readonly string[];
}

/** A Python program with its own private environment, every package pinned by hash in the lock file beside `versions.json`. */
export interface EnvironmentTool {
  readonly kind: 'environment';
  readonly package: string;
  readonly version: string;
  readonly binary: string;
  readonly lock: string;
  /** The oldest Python that runs it, when that is not the one that everything needs. */
  readonly python?: string;
}

interface Versions {
  readonly python: string;
  readonly tools: {
    readonly temporal: WheelTool;
    readonly seaweedfs: WheelTool;
    readonly uv: WheelTool;
    /** For suites: an entry in front of ours, as the compose file has one. */
    readonly traefik: WheelTool;
    readonly litellm: EnvironmentTool;
    readonly schemathesis: EnvironmentTool;
  };
}

/** Names of the tools that `versions.json` pins. */
export type ToolName = keyof Versions['tools'];

/** The only place where versions and hashes of outside tools are written down. */
export const versions: Versions = JSON.parse(readFileSync(new URL('./versions.json', import.meta.url), 'utf8'));

/** Absolute path of a Python lock file of this folder. */
export function lockPath(tool: EnvironmentTool): string {
  return fileURLToPath(new URL(`./${tool.lock}`, import.meta.url));
}

/** Short digest of a lock file: an environment is keyed by all its packages, not by its head version alone. */
export function lockDigest(tool: EnvironmentTool): string {
  return createHash('sha256')
    .update(readFileSync(lockPath(tool)))
    .digest('hex')
    .slice(0, 12);
}
