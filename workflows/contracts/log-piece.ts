/** A piece of the log of a claw on its way from the bridge to the archive: what was printed between two moments. */
export interface LogPiece {
  /** Milliseconds since the epoch. A piece begins where the one before ended, so `from` names it within its instance. */
  readonly from: number;
  readonly to: number;
  /** Of the piece packed with gzip, in hex. */
  readonly sha256: string;
}

/** `PUT <path>/<instanceId>` with the host token takes a piece, packed with gzip; the same piece twice is stored once. */
export const LOG_PIECE_PATH = '/api/v1/bridge/logs';

/** What a piece may be, packed or not. */
export const LOG_PIECE_BYTES_MAX = 160 * 1024 * 1024;

const HEADERS = { from: 'x-log-from', to: 'x-log-to', sha256: 'x-log-sha256' } as const;

/** A piece as the headers of its request. */
export function logPieceHeaders(piece: LogPiece): Record<string, string> {
  return {
    'content-type': 'application/gzip',
    ...Object.fromEntries(Object.entries(HEADERS).map(([field, header]) => [header, String(piece[field as keyof LogPiece])])),
  };
}

/** The piece that such headers tell of, or null when they tell of none. `get` answers one header. */
export function readLogPieceHeaders(get: (name: string) => string | undefined): LogPiece | null {
  const [from, to] = [HEADERS.from, HEADERS.to].map((name) => Number(get(name) ?? Number.NaN)) as [number, number];
  const sha256 = get(HEADERS.sha256) ?? '';
  const isTime = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && value < 8.64e15;
  if (!isTime(from) || !isTime(to) || to <= from || !/^[0-9a-f]{64}$/.test(sha256)) return null;
  return { from, to, sha256 };
}
