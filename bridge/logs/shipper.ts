import { openAsBlob } from 'node:fs';
import { LOG_PIECE_PATH, logPieceHeaders } from '../../workflows/contracts/log-piece.ts';
import type { Log } from '../log.ts';
import type { LogSpool, PackedPiece } from './spool.ts';

/** `stored`: the archive has it. `unwanted`: nobody will ever ask for it. `later`: it could not be stored now. */
export type Shipped = 'stored' | 'unwanted' | 'later';

export type ShipPiece = (piece: PackedPiece) => Promise<Shipped>;

/** Brings waiting pieces to the archive, oldest first, while there is a way. */
export interface LogShipper {
  connect(isConnected: boolean): void;
  stop(): void;
}

const EVERY_MILLISECONDS = 5_000;
const ANSWER_MILLISECONDS = 120_000;
/** One piece that cannot be stored does not hold up the others; so many in a row are a store that is away. */
const REFUSALS = 3;
const STATUS_GONE: readonly number[] = [404, 410];

export function startLogShipper({ spool, ship, log }: { readonly spool: LogSpool; readonly ship: ShipPiece; readonly log: Log }): LogShipper {
  let connected = false;
  let working = false;
  let stopped = false;
  const round = async (): Promise<void> => {
    let refused = 0;
    for (const piece of await spool.pieces()) {
      if (!connected || stopped || refused >= REFUSALS) return;
      const shipped = await ship(piece);
      if (shipped === 'later') {
        refused += 1;
        continue;
      }
      if (shipped === 'unwanted') log.warn({ instanceId: piece.instanceId, bytes: piece.bytes }, 'the archive does not want a piece of a log; it was dropped');
      spool.drop(piece);
    }
  };
  const work = (): void => {
    if (working || stopped) return;
    working = true;
    round()
      .catch((error: unknown) => log.warn({ err: error }, 'pieces of logs could not be brought to the archive; they wait'))
      .finally(() => {
        working = false;
      });
  };
  const timer = setInterval(work, EVERY_MILLISECONDS);
  return {
    connect: (isConnected) => {
      connected = isConnected;
      if (isConnected) work();
    },
    stop: () => {
      stopped = true;
      clearInterval(timer);
    },
  };
}

/** Sends a piece to the API, which puts it into the archive. */
export function shipToApi({ apiUrl, token, log }: { readonly apiUrl: string; token(): string; readonly log: Log }): ShipPiece {
  return async (piece) => {
    try {
      const response = await fetch(`${apiUrl}${LOG_PIECE_PATH}/${encodeURIComponent(piece.instanceId)}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token()}`, ...logPieceHeaders(piece) },
        body: await openAsBlob(piece.file),
        signal: AbortSignal.timeout(ANSWER_MILLISECONDS),
      });
      await response.body?.cancel();
      if (response.ok) return 'stored';
      if (STATUS_GONE.includes(response.status)) return 'unwanted';
      log.warn({ instanceId: piece.instanceId, status: response.status }, 'a piece of a log is not in the archive yet; it waits');
    } catch (error) {
      log.warn({ instanceId: piece.instanceId, reason: (error as Error).message }, 'a piece of a log is not in the archive yet; it waits');
    }
    return 'later';
  };
}
