import { expect, it } from 'vitest';
import { factGroups, type HealthPart, looksLikeId, partKey, problemsFirst, problemsOf } from './health-view.ts';

const part = (name: string, status: HealthPart['status'], host?: HealthPart['host']): HealthPart => ({ name, status, facts: [], ...(host ? { host } : {}) });

it('shows what is wrong first, the worst at the top, and leaves the rest in its order', () => {
  const components = [part('api', 'ok'), part('relay', 'degraded'), part('database', 'ok'), part('worker', 'down')];
  expect(problemsFirst(components).map(({ name }) => name)).toEqual(['worker', 'relay', 'api', 'database']);
  const health = { status: 'down', components, relay: { pending: 0, oldestSeconds: 0 }, logLevels: [] } as const;
  expect(problemsOf({ ...health, components, logLevels: [] }).map(({ name }) => name)).toEqual(['relay', 'worker']);
});

it('tells hosts apart', () => {
  expect(partKey(part('host', 'ok', { id: 'hst_1', name: 'a' }))).toBe('host/hst_1');
  expect(partKey(part('worker', 'ok'))).toBe('worker');
});

it('puts the facts of each queue together', () => {
  const groups = factGroups([
    { name: 'processes', value: 1, unit: 'count' },
    { name: 'pollers', value: 2, unit: 'count', of: 'claw-core' },
    { name: 'pollers', value: 1, unit: 'count', of: 'claw-runtime' },
    { name: 'waiting', value: 0, unit: 'count', of: 'claw-core' },
  ]);
  expect(groups.map(({ of, facts }) => [of, facts.map(({ name }) => name)])).toEqual([
    [null, ['processes']],
    ['claw-core', ['pollers', 'waiting']],
    ['claw-runtime', ['pollers']],
  ]);
});

it.each([
  ['op_01kah3v5c0q2m4x6z8bb', true],
  ['instance/ins_01kah3v5c0q2m4x6z8bb', true],
  ['3f0e8f6a-52c1-4f0a-9f5e-0d1a2b3c4d5e', true],
  ['sales-bot', false],
  ['stop', false],
  ['', false],
])('offers to find %s: %s', (text, offered) => {
  expect(looksLikeId(text)).toBe(offered);
});
