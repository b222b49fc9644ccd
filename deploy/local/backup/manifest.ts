/** One kind of content of a backup. `sha256` covers names, sizes and bytes of all its files in the order of the archive. */
export interface PartDigest {
  readonly files: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Last entry of every backup: what it is of, and what its parts must add up to. Holds no secret. */
export interface BackupManifest {
  readonly format: 1;
  readonly product: string;
  /** RFC 3339, the moment from which on nothing is in the database copy any more. */
  readonly createdAt: string;
  readonly platform: string;
  readonly versions: { readonly postgres: string; readonly temporal: string; readonly seaweedfs: string };
  /** Newest migration of the database; a clone that does not know it is older than the backup. */
  readonly migration: string;
  readonly instances: number;
  readonly parts: Readonly<Record<string, PartDigest>>;
}

/** Name of the entry that holds the manifest. */
export const MANIFEST_NAME = 'manifest.json';

/** Folders of the archive, one per part. */
export const BackupPart = { postgres: 'postgres', temporal: 'temporal', objects: 'objects', platform: 'platform' } as const;
export type BackupPart = (typeof BackupPart)[keyof typeof BackupPart];

/** What this machine calls itself in a manifest: a copy of PostgreSQL's files fits the same kind of machine only. */
export function platformName(): string {
  return `${process.platform}-${process.arch}`;
}
