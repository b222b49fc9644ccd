import type { IncomingMessage } from 'node:http';
import type { Database } from '../../prisma/client.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { ClawAddresses } from './claw-addresses.ts';
import type { EntryAnswer } from './entry-pages.ts';
import { ENTRY_SECONDS, exchangeCode } from './entry-store.ts';

/** Where the portal hands a code over, at the host of the claw. */
export const ENTER_PATH = '/.clawloops/enter';

const FORM_BYTES = 16 * 1024;

/** Name of the cookie that opens the page of a claw; with https the browser itself keeps other hosts from setting it. */
export function entryCookie(secure: boolean): string {
  return `${secure ? '__Host-' : ''}clawloops-entry`;
}

interface EnterDeps {
  readonly database: Database;
  readonly addresses: ClawAddresses;
  readonly portalOrigins: readonly string[];
}

/** Takes a code for a session of this page. Null when it is not from the portal, or not a code for this claw that still works. */
export async function enter({ database, addresses, portalOrigins }: EnterDeps, request: IncomingMessage): Promise<EntryAnswer | null> {
  const slug = addresses.slugOf(request.headers.host);
  if (slug === null || !portalOrigins.includes(request.headers.origin ?? '')) return null;
  const form = await readForm(request);
  const token = await exchangeCode(database, form.get('code') ?? '', slug);
  if (token === null) return null;
  const secure = addresses.secure ? '; Secure' : '';
  return {
    status: 303,
    headers: {
      Location: ownPath(form.get('path')),
      'Set-Cookie': `${entryCookie(addresses.secure)}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${ENTRY_SECONDS}${secure}`,
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
    },
    body: '',
  };
}

/** A path at this host; anything that could lead elsewhere is the first page. */
export function ownPath(wanted: string | null): string {
  return wanted !== null && /^\/(?![/\\])[\x21-\x7e]*$/.test(wanted) && !wanted.startsWith('/.clawloops/') ? wanted : '/';
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const part of request) {
    text += String(part);
    if (text.length > FORM_BYTES) throw new Failure('PAYLOAD_TOO_LARGE', 'That is more than a code.');
  }
  return new URLSearchParams(text);
}
