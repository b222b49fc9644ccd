/** Where to go after signing in: a path of the portal, never another origin that a crafted link may name. */
export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/';
  return next.startsWith('/sign-in') || next.startsWith('/setup') ? '/' : next;
}
