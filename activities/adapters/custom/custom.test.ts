import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { echoManifest } from '../../../deploy/local/testing/echo-type.ts';
import type { ClawTypeManifest } from '../../../workflows/contracts/claw-type.ts';
import { createAdapterRegistry } from '../registry.ts';
import { someFacts } from '../testing/facts.ts';
import { failureOf, wrongPaths } from '../testing/failures.ts';

const registry = createAdapterRegistry();
const echo = registry.fromManifest(echoManifest());
const VERSION = '1.0.0';
const render = (overrides: readonly { key: string; value: unknown }[], facts = someFacts()) =>
  echo.render(VERSION, echo.parseConfig(VERSION, overrides), facts);
const withSpec = (change: Partial<ClawTypeManifest['spec']>) => registry.fromManifest({ ...echoManifest(), spec: { ...echoManifest().spec, ...change } });

describe('the registry', () => {
  test('knows the built-in types by name', () => {
    expect([...registry.builtIn.keys()]).toEqual(['openclaw']);
  });
});

describe('settings of a custom claw', () => {
  test('defaults of the schema are filled in, also inside groups', () => {
    expect(echo.parseConfig(VERSION, [])).toMatchObject({ greeting: 'echo: ', model: { name: 'demo' }, crashAfterMs: null });
  });

  test('a dotted key sets one part of a group', () => {
    expect(echo.parseConfig(VERSION, [{ key: 'model.name', value: 'acme/gpt-5' }])).toMatchObject({ model: { name: 'acme/gpt-5' } });
  });

  test.each([
    ['an unknown setting', [{ key: 'greting', value: 'x' }], ['/spec/config/overrides/0/value']],
    [
      'an unknown part of a group',
      [
        { key: 'greeting', value: 'x' },
        { key: 'model.size', value: 1 },
      ],
      ['/spec/config/overrides/1/value'],
    ],
    ['a wrong type', [{ key: 'failReady', value: 'yes' }], ['/spec/config/overrides/0/value']],
    ['a wrong part of a group', [{ key: 'model', value: { name: '' } }], ['/spec/config/overrides/0/value/name']],
    [
      'the later of two settings',
      [
        { key: 'startDelayMs', value: 1 },
        { key: 'startDelayMs', value: -1 },
      ],
      ['/spec/config/overrides/1/value'],
    ],
    ['a key that is no path', [{ key: 'a..b', value: 1 }], ['/spec/config/overrides/0/key']],
    [
      'several at once',
      [
        { key: 'greeting', value: 1 },
        { key: 'failLive', value: 1 },
      ],
      ['/spec/config/overrides/0/value', '/spec/config/overrides/1/value'],
    ],
  ])('%s is refused by its path', (_what, overrides, paths) => {
    expect(failureOf(() => echo.parseConfig(VERSION, overrides)).code).toBe('INVALID_CONFIG');
    expect(wrongPaths(() => echo.parseConfig(VERSION, overrides))).toEqual(paths);
  });

  test('a type without a schema has no settings', () => {
    expect(wrongPaths(() => withSpec({ configSchema: undefined }).parseConfig(VERSION, [{ key: 'a', value: 1 }]))).toEqual(['/spec/config/overrides/0/value']);
  });

  test('parsing leaves the given settings alone', () => {
    const overrides = [{ key: 'model', value: {} }];
    echo.parseConfig(VERSION, overrides);
    expect(overrides).toEqual([{ key: 'model', value: {} }]);
  });

  test('an unknown version is refused', () => {
    expect(failureOf(() => echo.parseConfig('9.9.9', [])).code).toBe('UNKNOWN_VERSION');
  });
});

describe('rendering a custom claw', () => {
  test('settings become files, facts become environment, secrets stay names', () => {
    const rendered = render([{ key: 'greeting', value: 'a "quoted" word' }]);
    expect(JSON.parse(rendered.files.find(({ path }) => path === 'config.json')!.content)).toMatchObject({
      greeting: 'a "quoted" word',
      revision: rendered.filesHash,
    });
    expect(rendered.env).toMatchObject({ PORT: '18789', MODEL_URL: 'http://127.0.0.1:4100/v1', CONFIG_FILE: '${CONFIG_DIR}/config.json' });
    expect(rendered.secretEnv).toEqual({ MODEL_KEY: 'modelKey' });
    expect(rendered.command.at(-1)).toBe('${CONFIG_DIR}/server.mjs');
    expect(rendered.files.every(({ mode }) => mode === '0600')).toBe(true);
  });

  test('the same settings give the same bytes, any text among them', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (greeting) => {
        const rendered = render([{ key: 'greeting', value: greeting }]);
        expect(rendered).toEqual(render([{ key: 'greeting', value: greeting }]));
        expect(JSON.parse(rendered.files.at(-1)!.content).greeting).toBe(greeting);
      }),
    );
  });

  test('a changed setting changes the files and not the process', () => {
    const changed = render([{ key: 'greeting', value: 'other' }]);
    expect(changed.filesHash).not.toBe(render([]).filesHash);
    expect(changed.processHash).toBe(render([]).processHash);
  });

  test.each([
    ['another port', someFacts({ ports: { http: 1 } })],
    ['another gateway', someFacts({ modelGatewayUrl: 'http://127.0.0.1:1/v1' })],
  ])('%s needs a new process', (_what, facts) => {
    expect(render([], facts).processHash).not.toBe(render([]).processHash);
  });

  test.each([
    ['none', 'hot'],
    ['restart', 'restart'],
    ['signal:SIGHUP', 'signal:SIGHUP'],
    ['http:POST /reload', 'http:POST /reload'],
  ])('a claw whose reload is %s is given new files by %s', (mode, reload) => {
    const adapter = withSpec({ reload: { mode } });
    expect(adapter.render(VERSION, adapter.parseConfig(VERSION, []), someFacts()).reload).toBe(reload);
  });

  test('a template without a value is refused as a wrong configuration', () => {
    const adapter = withSpec({ files: [{ path: 'a', template: '{{config.nothing}}' }] });
    expect(failureOf(() => adapter.render(VERSION, adapter.parseConfig(VERSION, []), someFacts())).code).toBe('INVALID_CONFIG');
  });

  test('the model key is delivered at start exactly when the claw takes one', () => {
    expect(echo.modelKeyDelivery).toBe('env');
    expect(withSpec({ env: [] }).modelKeyDelivery).toBe('none');
  });

  test('an acknowledgement that only clusters have counts as none here', () => {
    expect(echo.ack).toEqual({ type: 'http', port: 'http', path: '/revision' });
    expect(withSpec({ ack: { type: 'annotation' } }).ack).toEqual({ type: 'none' });
  });
});
