import { createServer } from 'node:http';

/** Answers GET /readyz on loopback: 200 while `isReady`, else 503. Resolves once it listens; the result closes it. */
export async function serveHealth(port: number, isReady: () => boolean): Promise<{ close(): void }> {
  const server = createServer((request, response) => {
    const status = request.url === '/readyz' ? (isReady() ? 200 : 503) : 404;
    response.writeHead(status, { 'content-type': 'text/plain' }).end(status === 200 ? 'ready' : 'not ready');
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return { close: () => server.close() };
}
