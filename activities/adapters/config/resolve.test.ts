import { describe, expect, test } from 'vitest';
import type { ConfigDocument, ConfigLayer, ConfigLevel, ConfigVariable } from '../../../workflows/contracts/config.ts';
import { openClawAdapter } from '../openclaw/openclaw.ts';
import { failureOf, wrongPaths } from '../testing/failures.ts';
import { resolveConfig, unifiedConfig } from './resolve.ts';

const VERSION = '2026.9.6';

function layer(level: ConfigLevel, document: Partial<ConfigDocument>): ConfigLayer {
  return { config: `cfg_${level}`, version: 1, name: `of-${level}`, level, document: { settings: {}, locks: [], variables: [], ...document } };
}

function variable(name: string, rest: Partial<ConfigVariable> = {}): ConfigVariable {
  return { name, type: 'string', required: true, secret: false, description: '', ...rest };
}

const config = (layers: readonly ConfigLayer[], overrides: readonly { key: string; value: unknown }[] = [], variables: Record<string, unknown> = {}) =>
  unifiedConfig(openClawAdapter, VERSION, { overrides, variables }, layers);

describe('what an instance is set to', () => {
  test('without layers it is its own overrides, in their order', () => {
    const overrides = [
      { key: 'agent.name', value: 'A' },
      { key: 'openclaw.cron.enabled', value: false },
    ];
    expect(resolveConfig([], { overrides }).settings).toEqual(overrides);
  });

  test('narrower levels win over wider ones and the instance over all', () => {
    const layers = [
      layer('template', { settings: { agent: { name: 'Template' } } }),
      layer('tenant', { settings: { agent: { name: 'Tenant', timeoutSeconds: 60 }, model: { name: 'acme/large' } } }),
    ];
    const result = config(layers, [{ key: 'model.name', value: 'acme/small' }]);
    expect(result.agent).toMatchObject({ name: 'Template', timeoutSeconds: 60 });
    expect(result.model.name).toBe('acme/small');
  });

  test('a part of the native configuration may have names that no dotted key can hold', () => {
    const native = { openclaw: { agents: { defaults: { models: { 'clawloops/gpt-5.1': { alias: 'big' } } } } } };
    expect(config([layer('template', { settings: native })]).openclaw).toEqual({ 'agents.defaults.models': { 'clawloops/gpt-5.1': { alias: 'big' } } });
  });
});

describe('variables', () => {
  const template = layer('template', {
    settings: { agent: { name: '{{vars.region}} desk', instructions: '{{ vars.extra }}', maxConcurrent: '{{vars.turns}}' } },
    variables: [variable('region'), variable('extra', { required: false }), variable('turns', { type: 'number', default: 2 })],
  });

  test('become text inside a text, keep their type alone, and leave a setting out when they have no value', () => {
    expect(config([template], [], { region: 'EU' }).agent).toMatchObject({ name: 'EU desk', maxConcurrent: 2, instructions: '' });
  });

  test.each([
    ['a required one is missing', {}, ['/spec/config/variables/region']],
    ['one has the wrong type', { region: 'EU', turns: 'two' }, ['/spec/config/variables/turns']],
    ['one is not known', { region: 'EU', city: 'Rome' }, ['/spec/config/variables/city']],
  ])('are refused when %s', (_what, values, paths) => {
    expect(wrongPaths(() => config([template], [], values))).toEqual(paths);
  });

  test('a secret stands for the name of a stored secret and is never a part of a text', () => {
    const variables = [variable('bot', { secret: true })];
    const channels = { telegram: { enabled: true, botToken: '{{vars.bot}}' } };
    const set = config([layer('template', { settings: { channels }, variables })], [], { bot: 'desk-bot' });
    expect(openClawAdapter.secretsIn(set)).toEqual(['desk-bot']);
    const text = layer('template', { settings: { agent: { instructions: 'Token {{vars.bot}}' } }, variables });
    expect(wrongPaths(() => config([text], [], { bot: 'desk-bot' }))).toEqual(['/spec/config/layers/0/settings/agent/instructions']);
  });

  test('one that nobody declares is refused where it stands', () => {
    const undeclared = layer('template', { settings: { agent: { name: '{{vars.who}}' } } });
    expect(wrongPaths(() => config([undeclared]))).toEqual(['/spec/config/layers/0/settings/agent/name']);
  });
});

describe('what is wrong is named where it stands', () => {
  test('in a layer', () => {
    const wrong = layer('project', { settings: { tools: { exec: 'sometimes' } } });
    expect(wrongPaths(() => config([layer('tenant', {}), wrong]))).toEqual(['/spec/config/layers/1/settings/tools/exec']);
  });

  test('in the overrides, whatever layers come before', () => {
    const before = layer('tenant', { settings: { agent: { name: 'A' }, model: { name: 'demo' } } });
    expect(wrongPaths(() => config([before], [{ key: 'agent.maxConcurrent', value: 0 }]))).toEqual(['/spec/config/overrides/0/value']);
  });

  test('a locked path names the level, the config and what to do', () => {
    const locking = layer('tenant', { settings: { tools: { exec: 'deny' } }, locks: ['tools'] });
    const failure = failureOf(() => config([locking], [{ key: 'tools.exec', value: 'full' }]));
    expect(failure.code).toBe('CONFIG_LOCKED');
    expect(failure.details.errors?.[0]?.path).toBe('/spec/config/overrides/0/key');
    expect(failure.message).toContain('the tenant config of-tenant (version 1, lock tools)');
    expect(failure.nextStep).toContain('Leave tools.exec out');
    const below = layer('template', { settings: { tools: { profile: 'full' } } });
    expect(wrongPaths(() => config([locking, below]))).toEqual(['/spec/config/layers/1/settings/tools/profile']);
  });
});
