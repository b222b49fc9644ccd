/** A claw of a few lines with a page: it can be chatted with in form only, and one path of its page answers without an end. */
export function lingeringManifest(name: string) {
  const program = [
    "import { createServer } from 'node:http';",
    "console.log('starting');",
    'createServer((request, response) => {',
    "  response.writeHead(200, { 'content-type': 'text/plain' });",
    "  if (request.url === '/endless') response.write('on');",
    '  else response.end(process.env.NAME);',
    "}).listen(Number(process.env.PORT), '127.0.0.1');",
    '',
  ].join('\n');
  const probe = { type: 'http', port: 'http', path: '/well', withinSeconds: 60 } as const;
  return {
    apiVersion: 'clusterclaw.io/v1' as const,
    kind: 'ClawType' as const,
    metadata: { name },
    spec: {
      versions: [{ version: '1.0.0', command: ['node', '{{paths.config}}/server.mjs'] }],
      env: [
        { name: 'PORT', value: '{{ports.http}}' },
        { name: 'NAME', value: '{{instance.name}}' },
      ],
      ports: [{ name: 'http' }],
      probes: { live: probe, ready: probe },
      chat: { openai: { port: 'http', path: '/v1/chat/completions' } },
      ui: { port: 'http' },
      files: [{ path: 'server.mjs', template: program }],
    },
  };
}
