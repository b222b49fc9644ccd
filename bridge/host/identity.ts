import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readJsonFile, writeJsonFile } from '../files/json-file.ts';
import { type ClaimedRange, claimPortRange, type PortRange } from './port-range.ts';

/** What this bridge chose once and keeps in its data folder (`host.json`): its name on this machine, uids and ports of its claws. */
export interface HostIdentity {
  readonly bridgeId: string;
  /** uid and gid of slot n is `uidBase + n`; the uids after the last slot's run one-shot commands. null: no uids here. */
  readonly uidBase: number | null;
  readonly ports: PortRange;
}

/** uids that one-shot commands take turns with. */
export const EXEC_UIDS = 16;

export function identityFile(dataDir: string): string {
  return path.join(dataDir, 'host.json');
}

/** Loads the identity of this data folder or makes one. */
export async function loadIdentity(dataDir: string): Promise<{ identity: HostIdentity; claim: ClaimedRange }> {
  const file = identityFile(dataDir);
  const known = readJsonFile<HostIdentity>(file);
  const claim = await claimPortRange(known?.ports ?? null);
  if (known) return { identity: known, claim };
  const identity = { bridgeId: randomBytes(5).toString('hex'), uidBase: chooseUidBase(claim.range.slots), ports: claim.range };
  writeJsonFile(file, identity);
  return { identity, claim };
}

/**
 * A block of uids that nobody else uses: as root from the range that systemd leaves unused (1879048192 to 2147483647), so that two
 * bridges of one machine do not meet; inside a user namespace that has not so many, from the upper end of the usual ones.
 */
function chooseUidBase(slots: number): number | null {
  if (process.getuid?.() !== 0) return null;
  const available = highestMappedUid();
  const block = 256;
  if (slots + EXEC_UIDS > block) throw new Error('a host has more slots than a block of uids');
  if (available >= 2_147_000_000) return 1_880_000_000 + block * randomInt(1_000_000);
  if (available >= 60_000) return 30_000 + block * randomInt(100);
  return null;
}

function highestMappedUid(): number {
  try {
    const extents = readFileSync('/proc/self/uid_map', 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number));
    return Math.max(...extents.map(([inside = 0, , length = 0]) => inside + length - 1));
  } catch {
    return 0;
  }
}
