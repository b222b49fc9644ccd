import type { IncomingMessage } from 'node:http';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
/** How a URL names this machine. */
export const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

/** Origins that are this portal: the public URL, and for a loopback one each spelling of loopback. */
export function portalOrigins(publicUrl: string): string[] {
  const url = new URL(publicUrl);
  if (!LOOPBACK.includes(url.hostname)) return [url.origin];
  return LOOPBACK.map((host) => `${url.protocol}//${host}${url.port ? `:${url.port}` : ''}`);
}

/** Whether a browser's request comes from the portal itself. A request without any sign of its origin does not count. */
export function isSameOrigin(request: IncomingMessage, origins: readonly string[]): boolean {
  const { origin } = request.headers;
  if (origin !== undefined) return origins.includes(origin);
  return request.headers['sec-fetch-site'] === 'same-origin';
}

/** Whether a request of this method only looks. */
export function isSafeMethod(method = 'GET'): boolean {
  return SAFE_METHODS.includes(method);
}
