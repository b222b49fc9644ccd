import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Ports of slot n are `base + n * perSlot` and the following; the port after the last slot's is the range's claim. */
export interface PortRange {
  readonly base: number;
  readonly perSlot: number;
  readonly slots: number;
}

const PER_SLOT = 5;
const SLOTS = 120;
const STEP = 640;
/**
 * Below the ephemeral ports of Linux (32768) and macOS (49152), so that no outgoing connection takes one, and below those that a platform
 * started on this machine chooses for its parts.
 */
const FIRST = 10_240;
const LAST = 26_880;

/** A claimed range: while the daemon lives it listens on the claim, so that no other bridge chooses the same ports. */
export interface ClaimedRange {
  readonly range: PortRange;
  release(): Promise<void>;
}

/** Claims the remembered range, or chooses a free one at random. A remembered range is kept even when its claim is taken. */
export async function claimPortRange(remembered: PortRange | null): Promise<ClaimedRange> {
  if (remembered) return claimed(remembered, await listenOn(claimPort(remembered)));
  const bases = shuffled(Array.from({ length: Math.floor((LAST - FIRST) / STEP) }, (_, index) => FIRST + index * STEP));
  for (const base of bases) {
    const range = { base, perSlot: PER_SLOT, slots: SLOTS };
    const claim = await listenOn(claimPort(range));
    if (!claim) continue;
    if (await isFree(range)) return claimed(range, claim);
    await close(claim);
  }
  throw new Error(`no ${STEP} neighbouring ports between ${FIRST} and ${LAST} are free on this machine`);
}

/** Whether nobody listens on this port of the loopback interface or of all interfaces. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const server = await listenOn(port, host);
    if (!server) return false;
    await close(server);
  }
  return true;
}

function claimPort(range: PortRange): number {
  return range.base + range.perSlot * range.slots;
}

function claimed(range: PortRange, claim: Server | null): ClaimedRange {
  return { range, release: async () => (claim ? close(claim) : undefined) };
}

async function isFree(range: PortRange): Promise<boolean> {
  for (let port = range.base; port < claimPort(range); port += 1) {
    const server = await listenOn(port);
    if (!server) return false;
    await close(server);
  }
  return true;
}

/** A listener that does not keep the process alive, or null when the port is taken. */
function listenOn(port: number, host = '127.0.0.1'): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(null) : reject(error)));
    server.listen({ port, host, exclusive: true }, () => resolve(server.unref()));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function shuffled<T>(items: T[]): T[] {
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = randomInt(index + 1);
    const [a, b] = [items[index] as T, items[other] as T];
    items[index] = b;
    items[other] = a;
  }
  return items;
}
