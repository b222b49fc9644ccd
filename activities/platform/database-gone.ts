/** Codes of PostgreSQL, of Prisma and of sockets that mean: the server is not there now. */
const CODES = /^(08...|57P0[123]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|P1001|P1002|P1008|P1017|P2024|P2028)$/;
const TEXTS =
  /Connection terminated|connection timeout|timeout exceeded when trying to connect|Can't reach database server|Client has encountered a connection error|the database system is|not currently accepting connections/i;
const CAUSES_MAX = 3;

/** Whether an error of a database call, or a cause of it, means that the server cannot be reached, so that the same call may succeed later. */
export function isDatabaseGone(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > CAUSES_MAX) return false;
  const { code, syscall, cause } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && CODES.test(code)) return true;
  // A server that is reached through a socket file has none while it is away.
  if (code === 'ENOENT' && syscall === 'connect') return true;
  return TEXTS.test(error.message) || isDatabaseGone(cause, depth + 1);
}
