import { fromNodeHeaders } from 'better-auth/node';
import { type Request, Router } from 'express';
import { bodies } from '../http/body.ts';
import { toFailure } from '../http/problem.ts';
import type { RouteKit } from '../http/route.ts';
import * as contracts from './sso.schema.ts';
import { AWAY_SECONDS, findProvider, finishSignIn, type SignInDeps, startSignIn } from './sso-sign-in.ts';

const COOKIE = 'clawloops.sso';
const PATH = '/api/v1/sso';

/**
 * What people reach who are not signed in yet. It stands before the authentication of everything else, because browsers come back from
 * another site here, and with whatever session they had before.
 */
export function ssoSignInRoutes({ kit: { mount }, publicUrl, ...deps }: SignInDeps & { readonly kit: RouteKit; readonly publicUrl: string }): Router {
  const router = Router();
  const secure = publicUrl.startsWith('https:') ? '; Secure' : '';
  const cookie = (value: string, seconds: number) => `${COOKIE}=${value}; Path=${PATH}; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`;
  router.use([`/sso/find`, `/sso/start`], bodies());

  mount(router, contracts.findSso, null, async ({ body }) => {
    const found = await findProvider(deps, body.email);
    return { status: 200, body: { provider: found && { name: found.name, enforced: found.enforced } } };
  });

  mount(router, contracts.startSso, null, async ({ body, request }) => {
    const { url, browser } = await startSignIn(deps, body.email, ownPage(publicUrl, body.next));
    request.res?.appendHeader('Set-Cookie', cookie(browser, AWAY_SECONDS));
    return { status: 200, body: { url } };
  });

  mount(router, contracts.finishSso, null, async ({ context, request }) => {
    request.res?.appendHeader('Set-Cookie', cookie('', 0));
    const answered = new URL(deps.callbackUrl);
    answered.search = new URL(request.originalUrl, publicUrl).search;
    try {
      const { cookies, next } = await finishSignIn(deps, context, { answered, browser: cookieOf(request), headers: fromNodeHeaders(request.headers) });
      for (const one of cookies) request.res?.appendHeader('Set-Cookie', one);
      return { status: 303, headers: { Location: next } };
    } catch (error) {
      const { code } = toFailure(error);
      if (code === 'INTERNAL') deps.logger.error({ requestId: context.requestId, err: error }, 'a sign-in by an identity provider failed unexpectedly');
      return { status: 303, headers: { Location: new URL(`/sign-in#sso=${code}`, publicUrl).href } };
    }
  });

  return router;
}

/** The address of a page of the portal, never another origin that a crafted link may name: what counts is where a browser would go. */
function ownPage(publicUrl: string, next: string): string {
  const page = next.startsWith('/') ? URL.parse(next, publicUrl) : null;
  return page?.origin === new URL(publicUrl).origin ? page.href : new URL('/', publicUrl).href;
}

function cookieOf({ headers: { cookie = '' } }: Request): string | undefined {
  return new RegExp(`(?:^|;\\s*)${COOKIE.replace('.', '\\.')}=([\\w-]+)`).exec(cookie)?.[1];
}
