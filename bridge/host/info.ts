import { statfsSync } from 'node:fs';
import os from 'node:os';
import type { HostInfo } from '../../workflows/contracts/host.ts';
import type { Cgroups } from '../process/cgroup.ts';
import type { HostIdentity } from './identity.ts';

/** Version of the daemon, told to the API. */
export const BRIDGE_VERSION = '0.1.0';

/** Describes this machine. Memory is what a surrounding container allows, when that is less than the machine has. */
export function describeHost({ dataDir, identity, cgroups }: { dataDir: string; identity: HostIdentity; cgroups: Cgroups }): HostInfo {
  const disk = statfsSync(dataDir);
  const constrained = process.constrainedMemory();
  const total = os.totalmem();
  return {
    hostname: os.hostname(),
    platform: process.platform,
    arch: process.arch,
    cpus: os.availableParallelism(),
    memoryBytes: constrained > 0 && constrained < total ? constrained : total,
    diskFreeBytes: disk.bavail * disk.bsize,
    bridgeVersion: BRIDGE_VERSION,
    nodeVersion: process.versions.node,
    isolation: identity.uidBase === null ? 'none' : 'uid',
    limits: cgroups.limits,
    ports: identity.ports,
  };
}
