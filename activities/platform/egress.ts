import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { connect, type LookupFunction } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import { isFailure } from '../../workflows/contracts/failures.ts';
import { guardedLookup } from './guarded-lookup.ts';
import { secretHash, secretMatches } from './ids.ts';
import type { Logger } from './logger.ts';
import { hostOf, type OutboundGuard } from './outbound.ts';
import { passHead } from './pass-head.ts';

export interface EgressOptions {
  readonly guard: OutboundGuard;
  /** Password of those who may use it; their name does not matter. */
  readonly token: string;
  readonly logger: Logger;
}

const CONNECT_MS = 10_000;
/** Said to a proxy only. */
const HOP_HEADERS = ['proxy-authorization', 'proxy-connection', 'connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/**
 * A forward proxy for programs that look names up themselves: it connects to the very addresses that the guard let through, so a name that
 * leads elsewhere a moment later leads nowhere. Answers 403 where the guard refuses, 502 where nobody is, 407 without the token; `/livez` is 200.
 */
export function createEgress({ guard, token, logger }: EgressOptions): Server {
  const known = secretHash(token);
  const mayUse = ({ headers }: IncomingMessage): boolean => {
    const [, credentials = ''] = /^Basic (\S+)$/i.exec(headers['proxy-authorization'] ?? '') ?? [];
    return secretMatches(
      Buffer.from(credentials, 'base64')
        .toString()
        .replace(/^[^:]*:/, ''),
      known,
    );
  };
  const lookup = guardedLookup(guard);
  const refusal = async (host: string): Promise<Refusal | null> => {
    try {
      // An address that is no name is not looked up.
      return (await guard.addresses(host)).length > 0 ? null : { status: 502, text: `${host} leads nowhere.` };
    } catch (error) {
      const kept = isFailure(error);
      logger.warn({ host, reason: kept ? error.code : (error as Error).message }, 'somebody was kept from an address');
      return { status: 403, text: kept ? `${error.message}.` : 'The address could not be judged.' };
    }
  };
  const server = createServer(async (request, response) => {
    if (request.url === '/livez') return void response.end('ok');
    if (!mayUse(request)) return answer(response, NOT_KNOWN);
    const url = URL.parse(request.url ?? '');
    if (url?.protocol !== 'http:') return answer(response, { status: 400, text: 'Only http is forwarded; for https use CONNECT.' });
    const refused = await refusal(hostOf(url));
    if (refused) return answer(response, refused);
    forward(request, response, url, lookup);
  });
  server.on('connect', async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined);
    const url = URL.parse(`https://${request.url}`);
    const refused = !mayUse(request) ? NOT_KNOWN : url ? await refusal(hostOf(url)) : NOWHERE;
    if (refused || !url) return void socket.end(headOf(refused ?? NOWHERE));
    tunnel(socket, head, url, lookup);
  });
  return server;
}

interface Refusal {
  readonly status: number;
  readonly text: string;
}

const REALM = 'Basic realm="egress"';
const NOT_KNOWN: Refusal = { status: 407, text: 'Say who you are.' };

const NOWHERE: Refusal = { status: 400, text: 'There is no such address.' };

function headOf({ status }: Refusal): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${status === 407 ? `proxy-authenticate: ${REALM}\r\n` : ''}connection: close\r\n\r\n`;
}

/** Hands a plain request on, and its answer back as it comes. */
function forward(request: IncomingMessage, response: ServerResponse, url: URL, lookup: LookupFunction): void {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !HOP_HEADERS.includes(name)));
  const fail = ({ code = 'broken' }: { readonly code?: string }) => {
    if (response.headersSent || response.destroyed) return void response.destroy();
    answer(response, { status: 502, text: `${url.hostname} does not answer (${code}).` });
  };
  const outgoing = httpRequest(url, { method: request.method, headers, lookup, agent: false }, (incoming) => {
    const back = Object.entries(incoming.headers).filter(([name]) => !HOP_HEADERS.includes(name));
    if (passHead(response, incoming, Object.fromEntries(back))) return pipeline(incoming, response, () => undefined);
    fail({ code: 'not HTTP' });
    return outgoing.destroy();
  });
  outgoing.once('upgrade', (_answer, connection) => {
    connection.destroy();
    fail({ code: 'not HTTP' });
  });
  outgoing.once('error', fail);
  response.once('close', () => outgoing.destroy());
  request.pipe(outgoing);
}

/** Bytes both ways, of whatever is spoken there. */
function tunnel(socket: Duplex, head: Buffer, url: URL, lookup: LookupFunction): void {
  const outgoing = connect({ host: hostOf(url), port: Number(url.port || 443), lookup, allowHalfOpen: true });
  const fail = () => {
    outgoing.destroy();
    socket.end('HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n');
  };
  const timer = setTimeout(fail, CONNECT_MS);
  outgoing.once('error', fail);
  outgoing.once('connect', () => {
    clearTimeout(timer);
    outgoing.off('error', fail);
    outgoing.setNoDelay(true);
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) outgoing.write(head);
    // Each direction ends for itself; a break in one breaks both.
    pipeline(socket, outgoing, (error) => error && socket.destroy());
    pipeline(outgoing, socket, (error) => error && outgoing.destroy());
  });
  socket.once('close', () => {
    clearTimeout(timer);
    outgoing.destroy();
  });
}

function answer(response: ServerResponse, { status, text }: Refusal): void {
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close', ...(status === 407 ? { 'proxy-authenticate': REALM } : {}) });
  response.end(text);
}
