/** Where to go after signing in: a path of the portal, never another origin that a crafted link may name. */
export function safeNext(next: unknown): string {
  // Browsers leave tabs and line breaks out of an address and take a backslash for a slash, so what follows the first could be a host.
  if (typeof next !== 'string' || !next.startsWith('/') || next.startsWith('//') || /[\x00-\x20\\]/.test(next)) return '/';
  return next.startsWith('/sign-in') || next.startsWith('/setup') ? '/' : next;
}
