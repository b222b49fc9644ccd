import { type Request, type Response, Router } from 'express';
import { secretHash, secretMatches } from '../../activities/platform/ids.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { Asked, ClawEntry } from './claw-entry.ts';
import { entryCookie } from './enter.ts';
import { cookieNamed, cookiesOf, type Introduction, identityOf } from './headers.ts';

/** Where an entry in front of this one asks about each request; see deploy/compose/routes.yml. */
export const FORWARD_AUTH_PATH = '/internal/forward-auth';

/** The header in which it shows that it is the entry. */
const PROOF = 'x-clawloops-proof';

export interface ForwardAuthDeps {
  /** Null when this installation has no addresses for claws. */
  readonly entry: ClawEntry | null;
  /** Shared with the entry in front; without it there is none. */
  readonly entryToken: string | undefined;
}

/**
 * 200 with what the claw is told of the person; 401 to sign in and 403 for a claw that is not theirs, 503 for one that does not run, each
 * with a page to show. Only the entry is answered: to everybody else there is no such path.
 */
export function forwardAuth({ entry, entryToken }: ForwardAuthDeps): Router {
  const router = Router();
  const hash = entryToken === undefined ? null : secretHash(entryToken);
  router.get(FORWARD_AUTH_PATH, async (request, response) => {
    const proof = request.get(PROOF);
    if (!entry || hash === null || proof === undefined || !secretMatches(proof, hash)) throw new Failure('NOT_FOUND', 'There is no such path.');
    const asked = askedOf(request);
    // The entry's own paths need nobody signed in.
    if (asked.url?.startsWith('/.clawloops/')) return void response.status(200).end();
    const answer = await entry.check(asked);
    if ('status' in answer) response.status(answer.status).set(answer.headers).send(answer.body);
    else admit(response, answer, asked);
  });
  return router;
}

/** Cookie and Authorization are answered as the claw may see them: what is not answered, the entry in front takes away. */
function admit(response: Response, about: Introduction, { headers }: Asked): void {
  const name = entryCookie(about.secure);
  const token = cookieNamed(headers.cookie, name);
  const cookie = [cookiesOf(headers.cookie), token === null ? '' : `${name}=${token}`].filter((part) => part !== '').join('; ');
  response.status(200).set({ ...identityOf(about), ...(cookie === '' ? {} : { Cookie: cookie }) });
  if (about.origin !== null && headers.origin !== undefined) response.set('Origin', about.origin);
  response.end();
}

/** What the browser asked, by what the entry says of it. */
function askedOf(request: Request): Asked {
  const said = (name: string) => request.get(`x-forwarded-${name}`);
  return {
    method: said('method'),
    url: said('uri'),
    headers: { ...request.headers, host: said('host') },
    ip: said('for')?.split(',', 1)[0]?.trim() ?? '',
  };
}
