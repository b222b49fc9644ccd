import type { IncomingHttpHeaders } from 'node:http';

const SAFE_METHODS = ['GET', 'HEAD'];

/**
 * Whether a browser sends this from another page than the claw's own. Pages of other claws may count as the same site, so no cookie
 * attribute keeps them away. A link to a claw leads there all the same; whoever sends no sign of an origin is no browser.
 */
export function isFromElsewhere(request: { readonly method?: string | undefined; readonly headers: IncomingHttpHeaders }, ownOrigin: string | null): boolean {
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = request.headers;
  if (origin !== undefined) return origin !== ownOrigin;
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  const isVisit = mode === 'navigate' && dest === 'document' && SAFE_METHODS.includes(request.method ?? 'GET');
  return !isVisit;
}

/** Whether an address lies at or below one of these paths, however it is spelt. One that cannot be read lies below all of them. */
export function isBelow(url: string, paths: readonly string[]): boolean {
  if (paths.length === 0) return false;
  try {
    const { pathname } = new URL(url.replace(/^\/+/, '/'), 'http://claw');
    const plain = new URL(decodeURIComponent(pathname).replaceAll('\\', '/').replace(/\/+/g, '/'), 'http://claw').pathname.toLowerCase();
    return paths.some((path) => plain === path || plain.startsWith(`${path}/`));
  } catch {
    return true;
  }
}
