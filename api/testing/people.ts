import type { Answer, ApiWorld } from './api-world.ts';

const ORIGIN = 'http://localhost:4310';

/** A person in a browser: calls go out with their session from the portal's own origin. */
export interface Browsing {
  readonly email: string;
  readonly headers: { readonly cookie: string; readonly origin: string };
  call(request: string, body?: unknown): Promise<Answer>;
}

/** The cookies that an answer sets, as a browser would send them. */
export function cookiesOf({ headers }: Pick<Answer, 'headers'>): string {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}

/** Somebody whose browser has these cookies. */
export function browsing(world: ApiWorld, email: string, cookie: string): Browsing {
  const headers = { cookie, origin: ORIGIN };
  return { email, headers, call: (request, body) => world.call(request, body, { headers }) };
}

/** Signs in with e-mail and password. */
export async function signedIn(world: ApiWorld, email: string, password: string): Promise<Browsing> {
  const answer = await world.call('POST /api/auth/sign-in/email', { email, password }, { base: '', headers: { origin: ORIGIN } });
  if (answer.status !== 200) throw new Error(`${email} cannot sign in: ${answer.status} ${JSON.stringify(answer.body)}`);
  return browsing(world, email, cookiesOf(answer));
}

/** The code of an invitation link. */
export function codeOf(link: string): string {
  return new URL(link).hash.slice(1);
}

export const PASSWORD = 'teal-orbit-cabbage-91';

/** Invites somebody with this key and lets them accept as a new person. */
export async function join(
  world: ApiWorld,
  key: string,
  email: string,
  role: string,
  grants: readonly object[] = [],
): Promise<Browsing & { readonly userId: string }> {
  const invited = await world.call('POST /invitations', { emails: [email], role, grants }, { key });
  const [item] = invited.body.items;
  if (!item?.link) throw new Error(`${email} was not invited: ${JSON.stringify(invited.body)}`);
  const accepted = await world.call('POST /invitations/accept', { code: codeOf(item.link), name: email.split('@')[0], password: PASSWORD });
  if (accepted.status !== 200) throw new Error(`${email} could not join: ${JSON.stringify(accepted.body)}`);
  return { ...browsing(world, email, cookiesOf(accepted)), userId: accepted.body.user.id };
}
