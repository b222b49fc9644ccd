import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '../../activities/platform/logger.ts';
import type { RuntimeDriver } from '../../activities/runtime/driver.ts';
import type { Database } from '../../prisma/client.ts';
import { isFailure } from '../../workflows/contracts/failures.ts';
import { toFailure } from '../http/problem.ts';
import { requestIdOf } from '../http/request-context.ts';
import type { ClawAddresses } from './claw-addresses.ts';
import { passRequest, passUpgrade } from './claw-proxy.ts';
import { ENTER_PATH, enter, entryCookie } from './enter.ts';
import type { Admission, EntryGuard } from './entry-guard.ts';
import { type EntryAnswer, type PageWish, pageOfPhase, renderEntryPage } from './entry-pages.ts';
import { EntryPage } from './entry-texts.ts';
import { cookieNamed, type Introduction } from './headers.ts';
import { type Language, preferredLanguage } from './language.ts';
import { createOpenPassages } from './open-passages.ts';
import { isBelow, isFromElsewhere } from './same-page.ts';

export interface ClawEntryDeps {
  readonly addresses: ClawAddresses;
  readonly guard: EntryGuard;
  readonly database: Database;
  readonly driver: Pick<RuntimeDriver, 'dial'>;
  readonly publicUrl: string;
  /** Origins of the portal, the only ones that hand codes over. */
  readonly portalOrigins: readonly string[];
  readonly logger: Logger;
  /** How often the rights of those whose connections are open are looked at again. */
  readonly recheckMilliseconds?: number;
  /** How long a claw may say nothing to a request that it has. */
  readonly silenceMilliseconds?: number;
}

/** What is known of a request to the page of a claw, by whoever took it in. */
export interface Asked {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** `host` is the one that the browser asked. */
  readonly headers: IncomingHttpHeaders;
  readonly ip: string;
}

/** The web pages of claws, each at its own host. */
export interface ClawEntry {
  handle(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** For an entry in front of this one: what it has to tell the claw of the person, or what it has to answer instead. */
  check(asked: Asked): Promise<Introduction | EntryAnswer>;
  /** Requests and sockets that are under way. */
  readonly open: number;
  close(): void;
}

/** Paths of the entry itself at the host of every claw. */
const OURS = '/.clawloops/';

export function createClawEntry(deps: ClawEntryDeps): ClawEntry {
  const { addresses, guard, driver, logger } = deps;
  const passages = createOpenPassages(guard, deps.recheckMilliseconds);

  /** Who asks, of which claw; throws the page that is shown instead. */
  async function admitted(request: Asked): Promise<{ admission: Admission; about: Introduction }> {
    const slug = addresses.slugOf(request.headers.host);
    if (isFromElsewhere(request, slug === null ? null : addresses.originOf(slug))) throw new Shown(EntryPage.forbidden, null);
    const admission = await guard.admit(cookieNamed(request.headers.cookie, entryCookie(addresses.secure)), slug).catch((error: unknown) => {
      const { code } = toFailure(error);
      if (code === 'UNAUTHENTICATED') throw new Shown(EntryPage.signIn, null);
      if (code === 'FORBIDDEN' || code === 'TENANT_SUSPENDED' || code === 'POLICY_VIOLATED') throw new Shown(EntryPage.forbidden, null);
      throw error;
    });
    const { page, entryKey, ref } = admission;
    if (page === null) throw new Shown(EntryPage.noPage, admission);
    if (isBelow(request.url ?? '/', page.closed)) throw new Shown(EntryPage.forbidden, admission);
    const instead = pageOfPhase(admission.phase);
    if (instead !== null) throw new Shown(instead, admission);
    if (page.entryKeyEnv !== null && entryKey === null) throw new Shown(EntryPage.older, admission);
    const about: Introduction = {
      userId: admission.userId,
      tenantId: ref.tenantId,
      instanceId: ref.instanceId,
      host: request.headers.host ?? '',
      secure: addresses.secure,
      ip: request.ip,
      entryKey,
      origin: page.origin,
      headers: page.headers,
    };
    return { admission, about };
  }

  const passageOf = ({ admission, about }: { admission: Admission; about: Introduction }) => ({
    about,
    connect: () => driver.dial(admission.ref, admission.page?.port ?? ''),
    hold: (cut: () => void) => passages.hold(admission.tokenHash, cut),
    ...(deps.silenceMilliseconds === undefined ? {} : { silenceMs: deps.silenceMilliseconds }),
  });

  /** What is shown instead of the claw's own page. */
  function instead(request: Asked, error: unknown): EntryAnswer {
    const requestId = requestIdOf(request);
    if (!(error instanceof Shown) && !isFailure(error)) logger.error({ err: error, requestId }, 'the page of a claw could not be shown');
    const { page, admission } = error instanceof Shown ? error : new Shown(EntryPage.unreachable, null);
    const wish = { page, requestId, html: acceptsHtml(request), language: languageOf(request, admission), href: hrefOf(deps, request, page, admission) };
    return renderEntryPage(wish satisfies PageWish);
  }

  return {
    handle: (request, response) => {
      const handing = request.url?.startsWith(OURS)
        ? enterHere(deps, request)
        : admitted(askedOf(request)).then((found) => passRequest(request, response, passageOf(found)));
      handing.then(
        (answer) => answer && send(response, answer),
        (error: unknown) => send(response, instead(askedOf(request), error)),
      );
    },
    upgrade: (request, socket, head) => {
      socket.on('error', () => undefined);
      admitted(askedOf(request))
        .then((found) => passUpgrade(request, socket, head, passageOf(found)))
        .catch((error: unknown) => refuse(socket, instead(askedOf(request), error)));
    },
    check: (asked) =>
      admitted(asked).then(
        ({ about }) => about,
        (error: unknown) => instead(asked, error),
      ),
    get open() {
      return passages.open;
    },
    close: () => passages.close(),
  };
}

/** Thrown where another page stands in for the claw's own. */
class Shown extends Error {
  readonly page: EntryPage;
  readonly admission: Admission | null;

  constructor(page: EntryPage, admission: Admission | null) {
    super(page);
    this.page = page;
    this.admission = admission;
  }
}

function askedOf({ method, url, headers, socket }: IncomingMessage): Asked {
  return { method, url, headers, ip: socket.remoteAddress ?? '' };
}

async function enterHere(deps: ClawEntryDeps, request: IncomingMessage): Promise<EntryAnswer> {
  const entered = request.url === ENTER_PATH && request.method === 'POST' ? await enter(deps, request) : null;
  if (entered) return entered;
  throw new Shown(EntryPage.usedCode, null);
}

function languageOf(request: Asked, admission: Admission | null): Language {
  return admission?.language ?? preferredLanguage(request.headers['accept-language']);
}

/** Back to where the person wanted to go, or to what the portal knows of the claw. */
function hrefOf({ publicUrl: portal, addresses }: ClawEntryDeps, request: Asked, page: EntryPage, admission: Admission | null): string {
  const slug = addresses.slugOf(request.headers.host);
  if (page === EntryPage.forbidden || page === EntryPage.gone || slug === null) return `${portal}/`;
  if (page === EntryPage.signIn || page === EntryPage.usedCode) {
    const path = page === EntryPage.signIn && request.method === 'GET' && request.url !== '/' ? `?path=${encodeURIComponent(request.url ?? '/')}` : '';
    return `${portal}/open/${slug}${path}`;
  }
  return admission ? `${portal}/instances/${admission.ref.instanceId}` : `${portal}/open/${slug}`;
}

function acceptsHtml(request: Asked): boolean {
  return /\btext\/html\b/.test(request.headers.accept ?? '');
}

function send(response: ServerResponse, { status, headers, body }: EntryAnswer): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function refuse(socket: Duplex, { status, headers, body }: EntryAnswer): void {
  const all = { ...headers, 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.end(`${[`HTTP/1.1 ${status} Refused`, ...head].join('\r\n')}\r\n\r\n${body}`);
}
