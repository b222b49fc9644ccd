import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rendered, RuntimeFacts } from '../adapter.ts';
import { someFacts } from '../testing/facts.ts';
import { failureOf } from '../testing/failures.ts';
import { controlTokenOf, literal } from './fleet-config.ts';
import { openClawAdapter } from './openclaw.ts';

const VERSION = '2026.9.6';

function render(overrides: readonly { key: string; value: unknown }[] = [], facts: Partial<RuntimeFacts> = {}): Rendered {
  return openClawAdapter.render(VERSION, openClawAdapter.parseConfig(VERSION, overrides), someFacts(facts));
}

const nativeConfig = (rendered: Rendered) => JSON.parse(rendered.files.find(({ path }) => path === 'openclaw.json')!.content);

/** What reaches the claw of a text: the host puts folders in place of its tokens, then OpenClaw its environment. */
function asTheClawSees(content: string): unknown {
  const onDisk = content
    .replaceAll('${DATA_DIR}', '/data')
    .replaceAll('${CONFIG_DIR}', '/config')
    .replaceAll('${LOG_DIR}', '/logs')
    .replaceAll('${RUNTIME_DIR}', '/runtime');
  return JSON.parse(onDisk, (_key, value: unknown) =>
    typeof value === 'string' ? value.replace(/\$\$\{|\$\{([A-Z_]+)\}/g, (match, name) => (match === '$${' ? '${' : `<value of ${name}>`)) : value,
  );
}

const overrides = fc.record({
  'agent.name': fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('a', '$', '{', '}', '"', '\\', 'DATA_DIR', 'é') }),
  'agent.instructions': fc.string({ maxLength: 200 }),
  'agent.maxConcurrent': fc.integer({ min: 1, max: 64 }),
  'model.name': fc.constantFrom('demo', 'acme/gpt-5', 'acme/other'),
});
const asList = (values: Record<string, unknown>) => Object.entries(values).map(([key, value]) => ({ key, value }));

describe('rendering an OpenClaw', () => {
  test('the same settings give the same bytes and hashes', () => {
    fc.assert(
      fc.property(overrides, (values) => {
        expect(render(asList(values))).toEqual(render(asList(values)));
      }),
    );
  });

  test('the order of settings does not matter', () => {
    fc.assert(
      fc.property(overrides, (values) => {
        expect(render(asList(values).reverse())).toEqual(render(asList(values)));
      }),
    );
  });

  test('the order in which models are listed does not matter', () => {
    const models = ['demo', 'acme/gpt-5', 'acme/other'].map((id) => ({ id, contextTokens: 1000, maxOutputTokens: 100 }));
    expect(render([], { models: [...models].reverse() })).toEqual(render([], { models }));
  });

  test('what a person writes reaches the claw letter by letter, whatever it looks like', () => {
    const unit = fc.constantFrom('$', '{', '}', '${DATA_DIR}', '${OPENCLAW_GATEWAY_TOKEN}', '$${', 'x', '"', '\\');
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 15 }), (text) => {
        const rendered = render([
          { key: 'agent.instructions', value: text },
          { key: 'openclaw.messages.note', value: [text] },
        ]);
        const seen = asTheClawSees(rendered.files.at(-1)!.content) as {
          plugins: { entries: Record<string, { config: { text: string } }> };
          messages: { note: string[] };
        };
        expect(seen.plugins.entries['clawloops-instructions']!.config.text).toBe(text);
        expect(seen.messages.note).toEqual([text]);
      }),
    );
  });

  test('escaping leaves what is no text alone', () => {
    expect(literal({ a: [1, null, true, '${X}'], b: { c: '$' } })).toEqual({ a: [1, null, true, '$${X}'], b: { c: '$' } });
  });

  test('secrets are named, not written', () => {
    const rendered = render();
    expect(rendered.secretEnv).toEqual({ OPENCLAW_GATEWAY_PASSWORD: 'controlToken', CLAWLOOPS_ENTRY_KEY: 'entryKey' });
    expect(nativeConfig(rendered).gateway.auth).toMatchObject({
      mode: 'trusted-proxy',
      password: '${OPENCLAW_GATEWAY_PASSWORD}',
      trustedProxy: { userHeader: 'x-clawloops-user-${CLAWLOOPS_ENTRY_KEY}' },
    });
    expect(nativeConfig(rendered).models.providers.clawloops.apiKey).toEqual({ source: 'store', provider: 'default', id: 'LITELLM_KEY' });
    for (const name of Object.keys(rendered.secretEnv)) expect(Object.keys(rendered.env)).not.toContain(name);
  });

  test('people get into its page by the entry alone, without the right to configure it', () => {
    const { auth, controlUi } = nativeConfig(render()).gateway;
    expect(controlUi).toEqual({ enabled: true, allowedOrigins: [openClawAdapter.page?.origin] });
    expect(auth.trustedProxy.deviceAutoApprove.scopes).not.toContain('operator.admin');
    expect(openClawAdapter.page?.headers['x-openclaw-scopes']).toBe(auth.trustedProxy.deviceAutoApprove.scopes.join(','));
  });

  test('the control token of a claw from before there was an entry is found too', () => {
    const older = { name: 'OPENCLAW_GATEWAY_TOKEN', value: 'older' };
    expect(controlTokenOf([older])).toBe('older');
    expect(controlTokenOf([older, { name: 'OPENCLAW_GATEWAY_PASSWORD', value: 'newer' }])).toBe('newer');
    expect(controlTokenOf([])).toBeUndefined();
  });

  test('files are for their owner only and the configuration comes last', () => {
    const { files } = render([{ key: 'agent.instructions', value: 'Be brief.' }]);
    expect(files.every(({ mode }) => mode === '0600')).toBe(true);
    expect(files.length).toBeGreaterThan(1);
    expect(files.at(-1)?.path).toBe('openclaw.json');
  });

  test('the configuration carries the hash of the files it belongs to', () => {
    const rendered = render([{ key: 'agent.name', value: 'Ada' }]);
    expect(nativeConfig(rendered).skills.entries['clawloops-revision'].config.revision).toBe(rendered.filesHash);
    expect(rendered.filesHash).not.toBe(render().filesHash);
  });

  test.each([
    ['another model', [{ key: 'model.name', value: 'acme/gpt-5' }], {}],
    ['other instructions', [{ key: 'agent.instructions', value: 'Be brief.' }], {}],
    ['more log', [{ key: 'logging.level', value: 'debug' }], {}],
    ['a new model at the gateway', [], { models: [{ id: 'new', contextTokens: 1000, maxOutputTokens: 100 }] }],
    ['a raw part that is taken live', [{ key: 'openclaw.cron.enabled', value: false }], {}],
  ])('%s changes the files but needs no new process', (_what, settings, facts) => {
    expect(render(settings, facts).processHash).toBe(render().processHash);
    expect(render(settings, facts).filesHash).not.toBe(render().filesHash);
  });

  test.each([
    ['another port', [], { ports: { gateway: 20_000 } }],
    ['more memory', [], { memoryBytes: 4 * 1024 ** 3 }],
    ['a raw part that is read at the start only', [{ key: 'openclaw.diagnostics.otel.enabled', value: true }], {}],
  ])('%s needs a new process', (_what, settings, facts) => {
    expect(render(settings, facts).processHash).not.toBe(render().processHash);
  });

  test('a chosen model that the gateway does not list is still configured', () => {
    const { models, agents } = nativeConfig(render([{ key: 'model.name', value: 'gone/model' }]));
    expect(models.providers.clawloops.models.map(({ id }: { id: string }) => id)).toEqual(['demo', 'gone/model']);
    expect(agents.defaults.model.primary).toBe('clawloops/gone/model');
  });

  test('the heap is bounded by the memory of the claw', () => {
    expect(render().env['NODE_OPTIONS']).toBe('--max-old-space-size=1536');
    expect(render([], { memoryBytes: 1024 ** 2 }).env['NODE_OPTIONS']).toBe('--max-old-space-size=256');
  });

  test('a claw without a port for its gateway is not rendered', () => {
    expect(failureOf(() => render([], { ports: {} })).code).toBe('INTERNAL');
  });
});

describe("which configurations OpenClaw's own check need not see twice", () => {
  const alike = (overrides: Parameters<typeof render>[0], facts: Parameters<typeof render>[1] = {}) =>
    openClawAdapter.nativeCheck(VERSION, render(overrides, facts))!.alike;
  const other = { id: 'ins_01kah3v0000000000001', name: 'other', slug: 'other-k3v9q2ma' };

  test('those of two claws with the same settings', () => {
    expect(alike([], { ports: { gateway: 20_001 }, instance: other })).toBe(alike([]));
  });

  test('not those with another setting, other models or another gateway', () => {
    const keys = [
      alike([]),
      alike([{ key: 'model.name', value: 'other' }]),
      alike([{ key: 'agent.instructions', value: 'Be brief.' }]),
      alike([], { models: [] }),
      alike([], { modelGatewayUrl: 'http://127.0.0.1:4200/v1' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("reading the answer of OpenClaw's own check", () => {
  const check = openClawAdapter.nativeCheck(VERSION, render())!;
  const answer = (exitCode: number, stdout: string) => check.read({ exitCode, stdout, stderr: '' });

  test('a valid configuration has no errors', () => {
    expect(answer(0, '{"valid":true,"path":"/x","warnings":[]}\n')).toEqual([]);
  });

  test('issues become field errors with JSON pointers', () => {
    const issues = [
      { path: 'tools.a/b', message: 'Unrecognized key' },
      { path: '', message: 'bad' },
    ];
    expect(answer(1, `a warning of Node {odd}\n${JSON.stringify({ valid: false, issues })}`)).toEqual([
      { path: '/spec/config/openclaw/tools/a~1b', message: 'Unrecognized key' },
      { path: '/spec/config/openclaw', message: 'bad' },
    ]);
  });

  test.each([
    [0, ''],
    [1, '{"valid":true}'],
    [139, 'segmentation fault'],
    [0, '{"valid":'],
    [0, '[]'],
  ])('exit code %i with %j is no agreement', (exitCode, stdout) => {
    expect(answer(exitCode, stdout)).toHaveLength(1);
  });
});
