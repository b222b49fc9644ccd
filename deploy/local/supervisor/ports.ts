import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { readJson, writeJson } from './json-file.ts';

/** Below the ranges from which Linux and macOS take the ports of outgoing connections, so that none of those lands on ours. */
const range = { first: 20_000, last: 32_000 };

/** Whether nobody listens on a loopback port now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Ports for the given names: those remembered in `file` where still free, else new free ones; the file is updated.
 * `preferred` is tried first for a name that has none yet, `pinned` is taken as it is. Throws when a pinned port is taken.
 */
export async function assignPorts(
  file: string,
  names: readonly string[],
  options: { preferred?: Record<string, number>; pinned?: Record<string, number> } = {},
): Promise<Record<string, number>> {
  const remembered = readJson<Record<string, number>>(file) ?? {};
  const assigned: Record<string, number> = {};
  const taken = () => new Set([...Object.values(assigned), ...Object.values(remembered), ...Object.values(options.pinned ?? {})]);
  for (const name of names) {
    const pinned = options.pinned?.[name];
    if (pinned !== undefined) {
      if (!(await isPortFree(pinned))) throw new Error(`Port ${pinned} is taken by another program. Stop it, or choose another port with CLAWLOOPS_PORT.`);
      assigned[name] = pinned;
      continue;
    }
    const candidates = [remembered[name], options.preferred?.[name]].filter((port) => port !== undefined);
    assigned[name] = (await firstFree(candidates, new Set(Object.values(assigned)))) ?? (await randomFree(taken()));
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
