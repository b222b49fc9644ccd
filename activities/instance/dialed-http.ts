import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { Failure } from '../../workflows/contracts/failures.ts';
import { inTime } from '../platform/in-time.ts';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024;

const unavailable = (why: string) => new Failure('GATEWAY_UNAVAILABLE', `The claw does not answer (${why}).`);

/** Body of a GET through a dialed connection, at most 64 KiB, within ten seconds. Throws GATEWAY_UNAVAILABLE. */
export async function readThroughDial(connect: () => Promise<Duplex>, path: string, timeoutMs = TIMEOUT_MS): Promise<string> {
  const connection = await connect();
  try {
    // A deadline of our own: the time-out of a request works on sockets only, and a dialed connection need not be one.
    return await inTime(read(connection, path), timeoutMs, () => unavailable('too slow'));
  } finally {
    connection.destroy();
  }
}

function read(connection: Duplex, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ path, host: 'claw', createConnection: () => connection as never }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
        if (body.length > MAX_BYTES) reject(unavailable('its answer is too long'));
      });
      response.on('error', () => reject(unavailable('the connection broke')));
      response.on('end', () => (response.statusCode === 200 ? resolve(body) : reject(unavailable(`status ${response.statusCode}`))));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => reject(unavailable(error.code ?? 'the connection broke')));
    outgoing.end();
  });
}
