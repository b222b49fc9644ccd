import { type RequestHandler, Router } from 'express';
import { Failure } from '../../workflows/contracts/failures.ts';
import type { RouteContract } from './contract.ts';

interface PathMethods {
  readonly pattern: RegExp;
  readonly allow: string;
}

/** Answers what no route took: 405 with `Allow` for a known path, 404 for an unknown one. */
export function noSuchRoute(contracts: readonly RouteContract[]): RequestHandler {
  const paths = new Map<string, Set<string>>();
  for (const { path, method } of contracts) paths.set(path, (paths.get(path) ?? new Set()).add(method.toUpperCase()));
  const known = [...paths].map(([path, methods]): PathMethods => ({ pattern: patternOf(path), allow: allowOf(methods) }));
  return (request, response) => {
    const match = known.find(({ pattern }) => pattern.test(request.path));
    if (!match) throw new Failure('NOT_FOUND', 'There is no such path.', { nextStep: 'See /api/docs for what there is.' });
    response.setHeader('Allow', match.allow);
    throw new Failure('METHOD_NOT_ALLOWED', `This path takes ${match.allow}.`);
  };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}/?$`);
}

function allowOf(methods: ReadonlySet<string>): string {
  return [...methods, ...(methods.has('GET') ? ['HEAD'] : [])].join(', ');
}

/** Tells whoever asks for a WebSocket route over plain HTTP what it wants. */
export function upgradeOnly(contracts: readonly RouteContract[]): Router {
  const router = Router();
  for (const { path, upgrade } of contracts) {
    if (!upgrade) continue;
    router.get(path.replace(/\{([^}]+)\}/g, ':$1'), () => {
      throw new Failure('MALFORMED_REQUEST', 'This path is a WebSocket.', { nextStep: 'Open it with the headers Connection: Upgrade and Upgrade: websocket.' });
    });
  }
  return router;
}
