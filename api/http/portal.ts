import { existsSync } from 'node:fs';
import path from 'node:path';
import express, { Router } from 'express';

/** Paths that are never a page. */
const NOT_PAGES = /^\/(api|v1|internal|realtime|livez|readyz)(\/|$)/;
const YEAR_MS = 365 * 24 * 3600 * 1000;

/** The built portal: hashed assets for ever, everything else fresh; unknown paths are pages of the portal. */
export function portal(folder: string | undefined): Router {
  const router = Router();
  if (folder === undefined || !existsSync(path.join(folder, 'index.html'))) return router;
  const assets = path.join(folder, 'assets');
  router.use('/assets', express.static(assets, { immutable: true, maxAge: YEAR_MS, index: false, fallthrough: true }));
  router.use(express.static(folder, { index: false, setHeaders: (response) => void response.setHeader('Cache-Control', 'no-cache') }));
  router.get('/{*page}', (request, response, next) => {
    const isPage = !NOT_PAGES.test(request.path) && !request.path.startsWith('/assets/') && request.accepts(['html', 'json']) === 'html';
    if (!isPage) return next();
    response.setHeader('Cache-Control', 'no-cache');
    // Relative to its root: a hidden folder above it would make it a hidden file.
    response.sendFile('index.html', { root: folder });
  });
  return router;
}
