import type { Request } from 'express';
import { API_BASE } from '../http/openapi.ts';

/** Everything below it is answered by better-auth. */
const AUTH = '/api/auth/';
const PLACES = [API_BASE, '/v1', '/internal'];

/**
 * The template of the path that answered, such as `/api/v1/instances/{id}`; `other` where there is none: pages of the portal, unknown
 * paths. There are as many names as routes, whatever is asked for.
 */
export function routeName({ originalUrl, route }: Pick<Request, 'originalUrl' | 'route'>): string {
  const template: unknown = (route as { path?: unknown } | undefined)?.path;
  if (typeof template !== 'string') return originalUrl.startsWith(AUTH) ? `${AUTH}{page}` : 'other';
  const place = PLACES.find((candidate) => originalUrl.startsWith(`${candidate}/`)) ?? '';
  const path = template.replace(/\{?[:*]([A-Za-z]+)\}?/g, '{$1}');
  return path.startsWith(`${place}/`) ? path : `${place}${path}`;
}
