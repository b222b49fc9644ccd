/**
 * A claw of a few MiB for driver suites: a Node HTTP server that can be told to misbehave. Its settings are read from `config.json`
 * anew for every request, so that a hot change shows at once.
 */
export const LIGHT_CLAW = `
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { spawn } from 'node:child_process';
const settings = () => JSON.parse(readFileSync(process.env.CONFIG_FILE, 'utf8'));
appendFileSync(process.env.HOME + '/starts.txt', process.pid + '\\n');
console.log('light claw started');
const routes = {
  '/healthz': () => (settings().dead ? 503 : 200),
  '/readyz': () => (settings().ready === false ? 503 : 200),
  '/settings': () => settings(),
  '/about': () => ({ pid: process.pid, uid: process.getuid?.(), secret: process.env.LIGHT_SECRET ?? null, folder: process.cwd(), bridge: process.env.BRIDGE_TOKEN_FILE ?? null }),
  '/starts': () => readFileSync(process.env.HOME + '/starts.txt', 'utf8').trim().split('\\n'),
  '/crash': () => setTimeout(() => process.exit(3), 20) && 200,
  '/eat': () => { globalThis.eaten = Array.from({ length: 4096 }, () => Buffer.alloc(1024 * 1024, 1)); return 200; },
  '/helper': () => ({ pid: spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }).pid }),
};
const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://claw');
  if (url.pathname === '/echo') return request.pipe(response);
  if (url.pathname === '/say') console.log(url.searchParams.get('text'));
  const answer = url.pathname === '/say' ? 200 : (routes[url.pathname]?.() ?? 404);
  if (typeof answer === 'number') response.writeHead(answer).end();
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => {
  console.log('draining');
  setTimeout(() => { console.log('drained'); process.exit(0); }, Number(process.env.DRAIN_MS ?? 0));
});
`;
