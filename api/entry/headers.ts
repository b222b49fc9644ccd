import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** What a claw is told of the person and the request. */
export interface Introduction {
  readonly userId: string;
  readonly tenantId: string;
  readonly instanceId: string;
  /** Host and scheme under which the person sees the claw. */
  readonly host: string;
  readonly secure: boolean;
  /** Address of the person's machine. */
  readonly ip: string;
  /** A secret of entry and claw alone, or null when the claw has none; see {@link keyedUserHeader}. */
  readonly entryKey: string | null;
  /** Origin that the claw takes for its own in place of its public one, if it wants to know it. */
  readonly origin: string | null;
  /** Further headers that claws of this type want. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Says who the person is under a name that only the entry and the claw know: other processes on a host can reach its port too. */
export function keyedUserHeader(entryKey: string): string {
  return `x-clawloops-user-${entryKey.toLowerCase()}`;
}

/** Stands for a person at the machine of the claw: a claw believes what a proxy says only of somebody elsewhere. */
const SOMEBODY_HERE = '203.0.113.1';
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
/** What only the entry may say, and what is the portal's. Some servers read `_` like `-`. */
const NEVER_PASSED =
  /^(x[-_]forwarded[-_].*|forwarded|x[-_]real[-_]ip|x[-_]clawloops[-_].*|x[-_]tenant|x[-_]original[-_].*|x[-_]rewrite[-_].*|authorization|cookie|host|expect)$/i;
/** Cookies of the portal and of the entry itself. */
const OUR_COOKIE = /^(__host-|__secure-)?clawloops([.-]|$)/i;
/** Answers of a claw that would reach beyond its own origin. */
const NEVER_ANSWERED = /^(access-control-.*|clear-site-data|alt-svc|strict-transport-security|x-clawloops-.*|public-key-pins)$/i;

/** Headers of a person's request as the claw gets them. `upgrade`: keeps what asks for a WebSocket. */
export function towardsClaw(headers: IncomingHttpHeaders, about: Introduction, { upgrade }: { readonly upgrade: boolean }): OutgoingHttpHeaders {
  const named = namedByConnection(headers);
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name) && !named.includes(name) && !NEVER_PASSED.test(name));
  const cookie = cookiesOf(headers.cookie);
  return {
    ...Object.fromEntries(kept),
    ...(headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' }),
    ...(upgrade ? { connection: 'Upgrade', upgrade: headers.upgrade } : { connection: 'close' }),
    ...(cookie === '' ? {} : { cookie }),
    ...(about.origin !== null && headers.origin !== undefined ? { origin: about.origin } : {}),
    ...introduce(about),
  };
}

/** The headers that the entry adds; whatever the person sent under these names is gone. */
function introduce(about: Introduction): Record<string, string> {
  return {
    host: about.host,
    'x-forwarded-host': about.host,
    'x-forwarded-proto': about.secure ? 'https' : 'http',
    'x-forwarded-for': isHere(about.ip) ? SOMEBODY_HERE : plainIp(about.ip),
    ...identityOf(about),
  };
}

/** Who the person is, and what claws of this type want to hear besides. */
export function identityOf(about: Introduction): Record<string, string> {
  return {
    'x-clawloops-user': about.userId,
    'x-clawloops-tenant': about.tenantId,
    'x-clawloops-instance': about.instanceId,
    ...about.headers,
    ...(about.entryKey === null ? {} : { [keyedUserHeader(about.entryKey)]: about.userId }),
  };
}

/** Headers of a claw's answer as the person gets them: it speaks for its own origin and for no other. */
export function fromClaw(headers: IncomingHttpHeaders, { secure, upgrade }: { readonly secure: boolean; readonly upgrade: boolean }): OutgoingHttpHeaders {
  const named = namedByConnection(headers);
  const kept = Object.entries(headers).filter(
    ([name]) => name !== 'set-cookie' && !HOP_BY_HOP.includes(name) && !named.includes(name) && !NEVER_ANSWERED.test(name),
  );
  const cookies = (headers['set-cookie'] ?? []).flatMap((cookie) => ownCookie(cookie));
  const policies = [headers['content-security-policy'] ?? []].flat();
  return {
    ...Object.fromEntries(kept),
    ...(upgrade ? { connection: 'Upgrade', upgrade: headers.upgrade } : {}),
    ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}),
    // Several policies hold together.
    'content-security-policy': [...policies, "frame-ancestors 'self'"].join(', '),
    'origin-agent-cluster': '?1',
    'referrer-policy': [headers['referrer-policy'] ?? 'same-origin'].flat().join(', '),
    ...(secure ? { 'strict-transport-security': 'max-age=31536000', 'cross-origin-opener-policy': 'same-origin' } : {}),
  };
}

/** The value of a cookie, or null. */
export function cookieNamed(header: string | undefined, name: string): string | null {
  const found = pairsOf(header).find((pair) => pair.startsWith(`${name}=`));
  return found === undefined ? null : found.slice(name.length + 1);
}

/** What of a Cookie header is the claw's own. */
export function cookiesOf(header: string | undefined): string {
  return pairsOf(header)
    .filter((pair) => !OUR_COOKIE.test(pair.split('=', 1)[0] ?? ''))
    .join('; ');
}

function pairsOf(header: string | undefined): string[] {
  return (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '');
}

/** Without `Domain`, so that it stays with the claw's own host; nothing when it has a name of ours. */
function ownCookie(cookie: string): string[] {
  const [pair = '', ...attributes] = cookie.split(';');
  if (OUR_COOKIE.test(pair.split('=', 1)[0]?.trim() ?? '')) return [];
  return [[pair, ...attributes.filter((attribute) => !/^\s*domain\s*(=|$)/i.test(attribute))].join(';')];
}

function namedByConnection({ connection }: IncomingHttpHeaders): string[] {
  return (connection ?? '').split(',').map((name) => name.trim().toLowerCase());
}

function isHere(ip: string): boolean {
  return ip === '' || ip === '::1' || plainIp(ip).startsWith('127.');
}

function plainIp(ip: string): string {
  return ip.replace(/^::ffff:(?=\d+\.)/i, '');
}
