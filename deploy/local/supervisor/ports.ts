import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { cacheRoot } from '../tools/cache.ts';
import { withLock } from '../tools/file-lock.ts';
import { readJson, writeJson } from './json-file.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

/**
 * Below the ranges from which Linux and macOS take the ports of outgoing connections, so that none of those lands on ours, and above
 * those of claws, which a host listens on only when it has one.
 */
const range = { first: 27_000, last: 32_000 };

/** Who chose a port and may not listen on it yet: a platform, known by the file of its ports, for as long as its process lives. */
interface PortClaim {
  readonly holder: ProcessIdentity;
  readonly file: string;
}

/** Whether nobody listens on a loopback port now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

interface PortOptions {
  readonly preferred?: Readonly<Record<string, number>>;
  readonly pinned?: Readonly<Record<string, number>>;
  /** File in which all platforms of the machine note what they chose. */
  readonly claims?: string;
}

/**
 * Ports for the given names: those remembered in `file` where still free, else new free ones; the file is updated.
 * `preferred` is tried first for a name that has none yet, `pinned` is taken as it is. Throws when a pinned port is taken.
 * What another platform chose and does not listen on yet is not free either.
 */
export function assignPorts(file: string, names: readonly string[], options: PortOptions = {}): Promise<Record<string, number>> {
  const claims = options.claims ?? join(cacheRoot(), 'claimed-ports.json');
  return withLock(`${claims}.lock`, async () => {
    const living = Object.entries(readJson<Record<string, PortClaim>>(claims) ?? {}).filter(([, { holder }]) => isAlive(holder));
    const others = new Set(living.filter(([, claim]) => claim.file !== file).map(([port]) => Number(port)));
    const assigned = await choose(file, names, options, others);
    const holder = identify(process.pid);
    const own = Object.values(assigned).map((port) => [String(port), { holder, file }] as const);
    writeJson(claims, Object.fromEntries([...living, ...own]));
    return assigned;
  });
}

async function choose(file: string, names: readonly string[], options: PortOptions, others: ReadonlySet<number>): Promise<Record<string, number>> {
  const remembered = readJson<Record<string, number>>(file) ?? {};
  const assigned: Record<string, number> = {};
  const taken = () => new Set([...others, ...Object.values(assigned), ...Object.values(remembered), ...Object.values(options.pinned ?? {})]);
  for (const name of names) {
    const pinned = options.pinned?.[name];
    if (pinned !== undefined) {
      if (!(await isPortFree(pinned))) throw new Error(`Port ${pinned} is taken by another program. Stop it, or choose another port with CLAWLOOPS_PORT.`);
      assigned[name] = pinned;
      continue;
    }
    const candidates = [remembered[name], options.preferred?.[name]].filter((port) => port !== undefined);
    assigned[name] = (await firstFree(candidates, new Set([...others, ...Object.values(assigned)]))) ?? (await randomFree(taken()));
  }
  writeJson(file, { ...remembered, ...assigned });
  return assigned;
}

async function firstFree(candidates: readonly number[], taken: ReadonlySet<number>): Promise<number | null> {
  for (const port of candidates) if (!taken.has(port) && (await isPortFree(port))) return port;
  return null;
}

async function randomFree(taken: ReadonlySet<number>): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(range.first, range.last);
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new Error(`No free port was found between ${range.first} and ${range.last}.`);
}
