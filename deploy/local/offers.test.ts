import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { describeOffers, findOffers, ollamaAddress } from './offers.ts';
import { closeServer, listenOnLoopback } from './testing/loopback.ts';

const NOBODY = 'http://127.0.0.1:1';

describe('models found on this machine', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  /** Stands in for an Ollama: a party outside the product. */
  async function startOllama(body: string): Promise<string> {
    const server = createServer((request, response) => response.writeHead(request.url === '/api/tags' ? 200 : 404).end(body));
    const port = await listenOnLoopback(server);
    closers.push(() => closeServer(server));
    return `http://127.0.0.1:${port}`;
  }

  test('a key in the environment is offered by the name of its variable, and its value is shown nowhere', async () => {
    const offers = await findOffers({ env: { OPENAI_API_KEY: 'sk-canary-value', ANTHROPIC_API_KEY: '  ' }, ollamaUrl: NOBODY, added: new Set() });
    expect(offers.map(({ kind }) => kind)).toEqual(['openai']);
    expect(describeOffers(offers)).toContain('printenv OPENAI_API_KEY | npm run -s claw -- provider add --kind openai');
    expect(JSON.stringify(offers) + describeOffers(offers)).not.toContain('canary');
  });

  test('an Ollama that answers is offered with the models it has', async () => {
    const url = await startOllama(JSON.stringify({ models: [{ name: 'llama3.2:latest' }, { name: 'x; rm -rf /' }, { name: 'qwen3' }] }));
    const [offer] = await findOffers({ env: {}, ollamaUrl: url, added: new Set() });
    expect(offer).toMatchObject({ kind: 'ollama', found: `Ollama answers at ${url} with 2 models` });
    expect(offer?.command.endsWith(`--base-url ${url} --model llama3.2:latest --model qwen3`)).toBe(true);
  });

  test('what somebody has added already is not offered again', async () => {
    const url = await startOllama(JSON.stringify({ models: [{ name: 'qwen3' }] }));
    expect(await findOffers({ env: { GEMINI_API_KEY: 'k' }, ollamaUrl: url, added: new Set(['gemini', 'ollama']) })).toEqual([]);
  });

  test('something else on that port, or nothing at all, is no offer', async () => {
    expect(await findOffers({ env: {}, ollamaUrl: await startOllama('<html>'), added: new Set() })).toEqual([]);
    expect(await findOffers({ env: {}, ollamaUrl: NOBODY, added: new Set() })).toEqual([]);
    expect(describeOffers([])).toBe('');
  });

  test.each([
    [undefined, 'http://127.0.0.1:11434'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    ['gpu-box:5000', 'http://gpu-box:5000'],
    ['https://ollama.example', 'https://ollama.example'],
  ])('OLLAMA_HOST=%s is read as Ollama reads it', (host, address) => {
    expect(ollamaAddress({ OLLAMA_HOST: host })).toBe(address);
  });
});
