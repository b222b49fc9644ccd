import { createRequire } from 'node:module';
import path from 'node:path';
import { Router } from 'express';

const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const;
const MONTH_SECONDS = 30 * 24 * 3600;

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>ClawLoops API</title>
    <link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/api/docs/swagger-ui.css" />
  </head>
  <body>
    <main id="docs"></main>
    <script src="/api/docs/swagger-ui-bundle.js"></script>
    <script src="/api/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#docs', deepLinking: true, docExpansion: 'list', defaultModelsExpandDepth: 0, validatorUrl: null, tryItOutEnabled: true });\n`;

/** The page of the API at `/api/docs`, from our own origin alone; `document` is served at `/api/v1/openapi.json`. */
export function docsPage(document: object): Router {
  const router = Router();
  const assets = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const json = JSON.stringify(document);
  router.get('/api/v1/openapi.json', (_request, response) => void response.type('application/json').send(json));
  router.get('/api/docs', (_request, response) => void response.type('text/html').send(PAGE));
  router.get('/api/docs/start.js', (_request, response) => void response.type('text/javascript').send(START));
  for (const name of ASSETS) {
    router.get(`/api/docs/${name}`, (_request, response) => response.sendFile(name, { root: assets, maxAge: MONTH_SECONDS * 1000 }));
  }
  return router;
}
