import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { someFacts } from '../testing/facts.ts';
import { failureOf, wrongPaths } from '../testing/failures.ts';
import { parseOpenClawConfig } from './config.ts';
import { openClawAdapter } from './openclaw.ts';

const VERSION = '2026.9.6';
const raw = (path: string, value: unknown = true) => [{ key: `openclaw.${path}`, value }];

function nativeConfig(overrides: readonly { key: string; value: unknown }[]): Record<string, unknown> {
  const rendered = openClawAdapter.render(VERSION, openClawAdapter.parseConfig(VERSION, overrides), someFacts());
  return JSON.parse(rendered.files.at(-1)!.content) as Record<string, unknown>;
}

describe('settings of an OpenClaw', () => {
  test('nothing set means the demo model and no commands on the host', () => {
    const config = parseOpenClawConfig([]);
    expect(config.model).toEqual({ name: 'demo', fallbacks: [] });
    expect(config.tools.exec).toBe('deny');
  });

  test('the later of two settings with one key wins', () => {
    const config = parseOpenClawConfig([
      { key: 'agent.name', value: 'First' },
      { key: 'agent.name', value: 'Second' },
    ]);
    expect(config.agent.name).toBe('Second');
  });

  test.each([
    ['an unknown setting', [{ key: 'model.size', value: 1 }], ['/spec/config/overrides/0/key']],
    ['a group instead of a setting', [{ key: 'model', value: { name: 'demo' } }], ['/spec/config/overrides/0/key']],
    ['a wrong type', [{ key: 'agent.timeoutSeconds', value: '600' }], ['/spec/config/overrides/0/value']],
    ['a number out of bounds', [{ key: 'agent.maxConcurrent', value: 0 }], ['/spec/config/overrides/0/value']],
    ['a part of a list', [{ key: 'model.fallbacks', value: ['demo', 7] }], ['/spec/config/overrides/0/value/1']],
    ['no value', [{ key: 'tools.profile', value: undefined }], ['/spec/config/overrides/0/value']],
    ['a control character in a name', [{ key: 'agent.name', value: 'a\nb' }], ['/spec/config/overrides/0/value']],
    ['a key with a meaning in JavaScript', [{ key: 'openclaw.cron.__proto__.x', value: 1 }], ['/spec/config/overrides/0/key']],
    ['an empty segment', [{ key: 'openclaw.cron..enabled', value: 1 }], ['/spec/config/overrides/0/key']],
    [
      'every wrong one of several',
      [
        { key: 'tools.exec', value: 'yes' },
        { key: 'agent.name', value: 'Fine' },
        { key: 'nothing', value: 1 },
      ],
      ['/spec/config/overrides/0/value', '/spec/config/overrides/2/key'],
    ],
  ])('%s is refused by its path', (_what, overrides, paths) => {
    expect(wrongPaths(() => parseOpenClawConfig(overrides))).toEqual(paths);
    expect(failureOf(() => parseOpenClawConfig(overrides)).code).toBe('INVALID_CONFIG');
  });

  test('an unknown version is refused before its settings are looked at', () => {
    const failure = failureOf(() => openClawAdapter.parseConfig('1.0.0', [{ key: 'nothing', value: 1 }]));
    expect(failure.code).toBe('UNKNOWN_VERSION');
    expect(failure.details['versions']).toContain(VERSION);
  });

  test('a name inherited from every object is no version', () => {
    expect(failureOf(() => openClawAdapter.parseConfig('constructor', [])).code).toBe('UNKNOWN_VERSION');
  });
});

describe("raw parts of OpenClaw's own configuration", () => {
  test.each([
    'gateway',
    'gateway.port',
    'gateway.auth.token',
    'models',
    'models.providers.mine',
    'secrets.providers.mine',
    'update.auto.enabled',
    'telemetry.enabled',
    'env.vars.NODE_OPTIONS',
    'plugins',
    'plugins.entries',
    'plugins.entries.admin-http-rpc.enabled',
    'plugins.enabled',
    'agents',
    'agents.defaults',
    'agents.defaults.workspace',
    'agents.entries',
    'agents.entries.main',
    'logging',
    'logging.file',
    'skills.entries.clawloops-revision.config',
    '$include',
    'meta',
  ])('%s belongs to the platform', (path) => {
    expect(wrongPaths(() => parseOpenClawConfig(raw(path, {})))).toEqual(['/spec/config/overrides/0/key']);
  });

  test.each([
    ['tools.exec.mode', 'tools.exec'],
    ['agents.defaults.model.primary', 'model.name'],
    ['logging.level', 'logging.level'],
  ])('for %s the setting %s is named', (path, setting) => {
    expect(failureOf(() => parseOpenClawConfig(raw(path, 'x'))).message).toContain(`use the setting ${setting}`);
  });

  test('a free part is written as it is', () => {
    const config = nativeConfig([...raw('session.dmScope', 'main'), ...raw('agents.entries.research', { name: 'Research' })]);
    expect(config['session']).toEqual({ dmScope: 'main' });
    expect(config['agents']).toMatchObject({ entries: { main: { name: 'Main' }, research: { name: 'Research' } } });
  });

  test.each([
    [{ apiKey: { source: 'env', provider: 'default', id: 'OPENCLAW_GATEWAY_TOKEN' } }, '/apiKey/id'],
    [[{ deep: { source: 'store', id: 'LITELLM_KEY' } }], '/0/deep/id'],
  ])("a reference to one of the platform's own secrets is refused", (value, at) => {
    expect(wrongPaths(() => parseOpenClawConfig(raw('skills.entries.mine', value)))).toEqual([`/spec/config/overrides/0/value${at}`]);
  });

  test('whatever is set, the parts of the platform stay as they are', () => {
    const platform = (config: Record<string, unknown>) => {
      const { gateway, models, update, telemetry, discovery } = config;
      const plugins = config['plugins'] as { entries: Record<string, unknown> };
      return { gateway, models, update, telemetry, discovery, rpc: plugins.entries['admin-http-rpc'] };
    };
    const untouched = platform(nativeConfig([]));
    const segment = fc.constantFrom(
      'gateway',
      'models',
      'plugins',
      'entries',
      'admin-http-rpc',
      'enabled',
      'update',
      'telemetry',
      'discovery',
      'auth',
      'tools',
      'cron',
      'x',
    );
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('.'));
    fc.assert(
      fc.property(fc.array(fc.record({ path, value: fc.jsonValue() }), { maxLength: 6 }), (settings) => {
        const accepted = settings.flatMap(({ path: at, value }) => {
          const one = raw(at, value);
          try {
            parseOpenClawConfig(one);
            return one;
          } catch {
            return [];
          }
        });
        expect(platform(nativeConfig(accepted))).toEqual(untouched);
      }),
    );
  });
});
