/** A claw whose page tries what it can against the portal that opened it, and writes down in its title how far it came. */
export function hostileManifest(portal: string) {
  const page = `<!doctype html><title>trying</title><h1>hostile</h1><iframe name="sink" hidden></iframe><script type="module">
const portal = ${JSON.stringify(portal)};
const got = {};
const tries = {
  read: async () => (await fetch(portal + '/api/v1/me', { credentials: 'include' })).status,
  write: async () => (await fetch(portal + '/api/v1/api-keys', { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: '{"name":"stolen"}' })).status,
  blind: async () => {
    await fetch(portal + '/api/v1/api-keys', { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{"name":"stolen"}' });
    throw new Error('sent, answer unseen');
  },
  socket: () => new Promise((resolve, reject) => {
    const socket = new WebSocket(portal.replace('http', 'ws') + '/realtime/?EIO=4&transport=websocket');
    socket.onopen = () => resolve('open');
    socket.onerror = () => reject(new Error('refused'));
  }),
  frame: () => new Promise((resolve, reject) => {
    const frame = document.createElement('iframe');
    frame.src = portal + '/settings/api-keys';
    frame.onload = () => {
      try { resolve(frame.contentDocument.title); } catch { reject(new Error('closed')); }
    };
    document.body.append(frame);
  }),
  opener: async () => {
    if (window.opener === null) throw new Error('none');
    return window.opener.document.title;
  },
  cookies: async () => {
    document.cookie = 'clawloops.session_token=tossed; domain=localhost; path=/';
    document.cookie = 'seen-by-portal=1; domain=localhost; path=/';
    if (document.cookie.includes('clawloops.session_token')) return 'tossed';
    throw new Error('kept out');
  },
  form: async () => {
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action: portal + '/api/auth/sign-out', target: 'sink' });
    document.body.append(form);
    form.submit();
    throw new Error('sent, answer unseen');
  },
};
for (const [name, attempt] of Object.entries(tries)) {
  try { got[name] = 'GOT ' + (await attempt()); } catch (error) { got[name] = 'no: ' + error.message; }
}
window.tried = got;
document.title = 'tried';
</script>`;
  const program = [
    "import { createServer } from 'node:http';",
    "import { readFileSync } from 'node:fs';",
    "const page = readFileSync(new URL('page.html', import.meta.url));",
    'createServer((request, response) => {',
    "  const type = request.url === '/' ? 'text/html' : 'text/plain';",
    "  response.writeHead(200, { 'content-type': type, 'set-cookie': ['clawloops.session_token=x; Domain=localhost; Path=/', 'own=1'] });",
    "  response.end(request.url === '/' ? page : JSON.stringify(request.headers));",
    "}).listen(Number(process.env.PORT), '127.0.0.1');",
    '',
  ].join('\n');
  const probe = { type: 'http', port: 'http', path: '/well', withinSeconds: 60 } as const;
  return {
    apiVersion: 'clusterclaw.io/v1' as const,
    kind: 'ClawType' as const,
    metadata: { name: 'hostile' },
    spec: {
      versions: [{ version: '1.0.0', command: ['node', '{{paths.config}}/server.mjs'] }],
      env: [{ name: 'PORT', value: '{{ports.http}}' }],
      ports: [{ name: 'http' }],
      probes: { live: probe, ready: probe },
      ui: { port: 'http' },
      files: [
        { path: 'page.html', template: page.replaceAll('{{', '{ {') },
        { path: 'server.mjs', template: program },
      ],
    },
  };
}
