import type { Duplex } from 'node:stream';
import type { WaitingPieces } from '../../workflows/contracts/bridge-protocol.ts';
import { readLog } from '../claw/log-file.ts';
import { hideSecrets } from './hide-secrets.ts';
import { logSince } from './rotation.ts';
import type { LogSpool } from './spool.ts';

/** A longer present log is about to be rotated; its later part is given. */
const PRESENT_BYTES_MAX = 16 * 1024 * 1024;
const PIECES_MAX = 50;

/** Which log is meant. */
export interface LogSource {
  /** The present log. */
  readonly file: string;
  readonly instanceId: string;
  readonly secrets: readonly string[];
  readonly spool: Pick<LogSpool, 'open'>;
}

/** Sends what is not in the archive yet, as {@link WaitingPieces} says. Breaks the stream when it cannot be read. */
export async function streamPieces({ file, instanceId, secrets, spool }: LogSource, stream: Duplex): Promise<void> {
  stream.on('error', () => undefined);
  stream.resume();
  try {
    // A rotation after this makes a waiting piece that begins where the present log does: by that it is known.
    const since = logSince(file);
    const present = hideSecrets(readLog(file, PRESENT_BYTES_MAX), secrets);
    const waiting = await spool.open(instanceId, PIECES_MAX);
    try {
      const header: WaitingPieces = [{ from: since, to: null, bytes: present.length }, ...waiting.map(({ from, to, bytes }) => ({ from, to, bytes }))];
      await write(stream, Buffer.from(`${JSON.stringify(header)}\n`));
      await write(stream, present);
      for (const { handle } of waiting) await write(stream, await handle.readFile());
      stream.end();
    } finally {
      await Promise.all(waiting.map(({ handle }) => handle.close()));
    }
  } catch (error) {
    stream.destroy(error as Error);
  }
}

function write(stream: Duplex, content: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (content.length === 0 || stream.destroyed) resolve();
    else stream.write(content, () => resolve());
  });
}
