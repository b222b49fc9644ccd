import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../../frontend/src/api/schema.d.ts';
import type { Context } from './context.ts';
import { CliError, ExitCode, problemError } from './errors.ts';
import { profileOfTenant, readProfiles, resolveTarget, type Target } from './profile.ts';

export type Api = Client<paths>;

/** A platform and the right to speak to it. */
export interface Session {
  readonly api: Api;
  readonly target: Target;
  readonly signal: AbortSignal;
}

const API_BASE = '/api/v1';
const REQUEST_SECONDS = 60;
const RETRY_DELAYS_MS = [200, 600];

/** The platform cannot be reached at all; told is what the network said, never the request. */
export function unreachable(url: string, error: unknown): CliError {
  const cause = (error as { cause?: unknown }).cause ?? error;
  const reason = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message ?? String(cause);
  return new CliError(ExitCode.unreachable, `The platform at ${url} does not answer: ${reason}.`, {
    code: 'UNREACHABLE',
    nextStep: 'Check the address and that the platform runs: npm run status',
  });
}

/** Ctrl-C while something was under way; `nextStep` says where it goes on, if it does. */
export function interruptedError(nextStep?: string): CliError {
  return new CliError(ExitCode.interrupted, 'Interrupted.', { nextStep });
}

function mayRepeat(request: Request): boolean {
  return request.method === 'GET' || request.headers.has('idempotency-key');
}

/**
 * `fetch` that says in words when nobody answers, and repeats what is safe to repeat (reads, and writes with an
 * idempotency key) when the connection broke, so that a restarting API goes unnoticed.
 */
function steadyFetch(url: string, signal: AbortSignal): (request: Request) => Promise<Response> {
  return async (request) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await fetch(request.clone(), { signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_SECONDS * 1000)]) });
      } catch (error) {
        if (signal.aborted) throw interruptedError();
        if ((error as Error).name === 'TimeoutError')
          throw new CliError(ExitCode.timeout, `The platform at ${url} did not answer within ${REQUEST_SECONDS} s.`, { code: 'TIMEOUT' });
        const delay = RETRY_DELAYS_MS[attempt];
        if (delay === undefined || !mayRepeat(request)) throw unreachable(url, error);
        await sleep(delay);
      }
    }
  };
}

/** A client of the API at `url`; every POST carries an idempotency key of its own. */
export function createApi(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Api {
  const api = createClient<paths>({ baseUrl: `${url}${API_BASE}`, headers: { accept: 'application/json', ...headers }, fetch: steadyFetch(url, signal) });
  api.use({
    onRequest({ request }) {
      if (request.method === 'POST' && !request.headers.has('idempotency-key')) request.headers.set('idempotency-key', randomUUID());
      return request;
    },
  });
  return api;
}

/** The session of the chosen profile or the environment. */
export async function openSession({ io, profile, tenant }: Context): Promise<Session> {
  const file = await readProfiles(io.env);
  const target = resolveTarget(file, io.env, profile ?? (tenant === undefined ? undefined : profileOfTenant(file, tenant)));
  return { api: createApi(target.url, { authorization: `Bearer ${target.apiKey}` }, io.interrupted), target, signal: io.interrupted };
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

async function settled<T>(pending: Promise<Answer<T>>): Promise<Answer<T>> {
  try {
    return await pending;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CliError(ExitCode.failed, 'What answered is not a ClawLoops platform.', {
      code: 'NOT_A_PLATFORM',
      nextStep: 'Check the address (--url, CLAW_URL or the profile).',
    });
  }
}

/** The body of a good answer; a problem document is thrown as `CliError`. */
export async function take<T>(pending: Promise<Answer<T>>): Promise<NonNullable<T>> {
  const { data, error, response } = await settled(pending);
  if (!response.ok || data === undefined || data === null) throw problemError(response.status, error, response.headers.get('x-request-id'));
  return data;
}

/** Like `take` for answers without a body. */
export async function takeNothing(pending: Promise<Answer<unknown>>): Promise<void> {
  const { error, response } = await settled(pending);
  if (!response.ok) throw problemError(response.status, error, response.headers.get('x-request-id'));
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  readonly total?: number | undefined;
}

const PAGE_MAX = 200;

/** Reads pages until there are no more or `limit` rows are there; what it gives back has the shape of the API's own page. */
export async function readPages<T>(read: (page: { limit: number; cursor?: string }) => Promise<Page<T>>, limit = Number.POSITIVE_INFINITY): Promise<Page<T>> {
  const items: T[] = [];
  let page: Page<T> | undefined;
  do {
    page = await read({ limit: Math.min(PAGE_MAX, limit - items.length), ...(page?.nextCursor ? { cursor: page.nextCursor } : {}) });
    items.push(...page.items);
  } while (page.nextCursor && items.length < limit);
  return { ...page, items };
}
