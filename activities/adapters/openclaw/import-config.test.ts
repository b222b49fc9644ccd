import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linesOf } from '../config/diff.ts';
import { leavesOf } from '../config/paths.ts';
import { unifiedConfig } from '../config/resolve.ts';
import { sampleValues } from '../config/variables.ts';
import { valueAt, withValue } from '../overrides.ts';
import { someFacts } from '../testing/facts.ts';
import { failureOf, wrongPaths } from '../testing/failures.ts';
import { importOpenClaw } from './import-config.ts';
import { openClawAdapter } from './openclaw.ts';

const VERSION = '2026.9.6';

/** What the claw is told when it runs on what was imported. */
function rendered(native: Record<string, unknown>): Record<string, unknown> {
  const { document } = importOpenClaw(native);
  const layer = { config: 'cfg_imported', version: 1, name: 'imported', level: 'template', document } as const;
  const config = unifiedConfig(openClawAdapter, VERSION, { overrides: [], variables: sampleValues(document.variables) }, [layer]);
  return JSON.parse(openClawAdapter.render(VERSION, config, someFacts()).files.at(-1)!.content) as Record<string, unknown>;
}

const EXAMPLE = {
  gateway: { mode: 'local', port: 18_901, auth: { mode: 'token', token: 'abc' } },
  agents: {
    defaults: {
      timeoutSeconds: 300,
      thinkingDefault: 'low',
      heartbeat: { every: '30m', lightContext: true },
      userTimezone: 'Asia/Tokyo',
      compaction: { mode: 'safeguard' },
      models: { 'acme/gpt-5.1': { alias: 'big' } },
    },
    entries: { main: { name: 'Desk', skills: ['weather'] }, research: { name: 'Research', tools: { profile: 'minimal' } } },
  },
  tools: { profile: 'messaging', exec: { mode: 'ask', timeoutSec: 30 }, deny: ['browser'], web: { search: { enabled: true, maxResults: 3 } } },
  channels: { telegram: { enabled: true, dmPolicy: 'open', allowFrom: ['*'], groups: { '*': { requireMention: true } } }, slack: { enabled: false } },
  plugins: { entries: { 'memory-core': { config: { dreaming: { enabled: true, frequency: '0 */6 * * *' } } } } },
  logging: { level: 'debug', redactPatterns: ['x+'] },
  session: { dmScope: 'main' },
};

describe('importing an openclaw.json', () => {
  test('a claw that runs on it is told the same, but for what the platform writes', () => {
    const { leftOut } = importOpenClaw(EXAMPLE);
    const target = rendered(EXAMPLE);
    const left = leftOut.map(({ path }) => path);
    expect(left).toEqual(['/config/gateway/mode', '/config/gateway/port', '/config/gateway/auth/mode', '/config/gateway/auth/token']);
    const kept = leavesOf(EXAMPLE).filter(({ path }) => !left.includes(`/config/${path.join('/')}`));
    for (const { path, value } of kept) expect({ path, value: valueAt(target, path) }).toEqual({ path, value });
  });

  test('whatever it says is in the settings, in the native section, or told to be left out', () => {
    const names = fc.constantFrom(
      'agents',
      'defaults',
      'tools',
      'exec',
      'mode',
      'logging',
      'level',
      'channels',
      'telegram',
      'gateway',
      'web',
      'token',
      'other',
    );
    const value = fc.oneof(fc.boolean(), fc.integer(), fc.constantFrom('info', 'ask', 'x'), fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }));
    const native = fc
      .array(fc.tuple(fc.array(names, { minLength: 1, maxLength: 4 }), value), { maxLength: 8 })
      .map((entries) => entries.reduce<Record<string, unknown>>((config, [path, set]) => withValue(config, path, set), {}));
    fc.assert(
      fc.property(native, (config) => {
        const { document, leftOut } = importOpenClaw(config);
        expect(linesOf(document).size + leftOut.length).toBe(leavesOf(config).length);
      }),
    );
  });

  test('a secret is never a part of it', () => {
    const native = {
      channels: { telegram: { enabled: true, botToken: '123:abc' }, slack: { appToken: 'xapp-abc' } },
      hooks: { token: 'hook-abc' },
      mcp: { servers: { 'my.server': { headers: { Authorization: 'Bearer abc' } } } },
    };
    const { document, leftOut } = importOpenClaw(native);
    expect(JSON.stringify(document)).not.toContain('abc');
    expect(leftOut).toHaveLength(4);
    expect(document.variables).toMatchObject([{ name: 'telegram_botToken', secret: true, required: true }]);
  });

  test('a file that takes in others is refused where it does, as what it takes in may take in itself', () => {
    const native = { agents: { defaults: { $include: './agents.json5' } } };
    expect(wrongPaths(() => importOpenClaw(native))).toEqual(['/config/agents/defaults/$include']);
    expect(failureOf(() => importOpenClaw(native)).nextStep).toContain('in place of $include');
  });
});
