import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../../workflows/contracts/failures.ts';
import { ConditionType, Phase } from '../../../workflows/contracts/instance.ts';
import { OperationKind, OperationState, StepName } from '../../../workflows/contracts/operation.ts';
import { accounts as enAccounts } from './en/accounts.ts';
import { claws as enClaws } from './en/claws.ts';
import { configs as enConfigs } from './en/configs.ts';
import enIndex from './en/index.ts';
import { notifications as enNotifications } from './en/notifications.ts';
import { people as enPeople } from './en/people.ts';
import { quotas as enQuotas } from './en/quotas.ts';
import { rollouts as enRollouts } from './en/rollouts.ts';
import { security as enSecurity } from './en/security.ts';
import { sso as enSso } from './en/sso.ts';
import { tenants as enTenants } from './en/tenants.ts';
import { preferredLocale } from './index.ts';
import { accounts as jaAccounts } from './ja/accounts.ts';
import { claws as jaClaws } from './ja/claws.ts';
import { configs as jaConfigs } from './ja/configs.ts';
import jaIndex from './ja/index.ts';
import { notifications as jaNotifications } from './ja/notifications.ts';
import { people as jaPeople } from './ja/people.ts';
import { quotas as jaQuotas } from './ja/quotas.ts';
import { rollouts as jaRollouts } from './ja/rollouts.ts';
import { security as jaSecurity } from './ja/security.ts';
import { sso as jaSso } from './ja/sso.ts';
import { tenants as jaTenants } from './ja/tenants.ts';
import { accounts as zhAccounts } from './zh/accounts.ts';
import { claws as zhClaws } from './zh/claws.ts';
import { configs as zhConfigs } from './zh/configs.ts';
import zhIndex from './zh/index.ts';
import { notifications as zhNotifications } from './zh/notifications.ts';
import { people as zhPeople } from './zh/people.ts';
import { quotas as zhQuotas } from './zh/quotas.ts';
import { rollouts as zhRollouts } from './zh/rollouts.ts';
import { security as zhSecurity } from './zh/security.ts';
import { sso as zhSso } from './zh/sso.ts';
import { tenants as zhTenants } from './zh/tenants.ts';

function flatten(node: object, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(node)) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    if (typeof value === 'string') found.set(key, value);
    else for (const [inner, text] of flatten(value, key)) found.set(inner, text);
  }
  return found;
}

// Those of the index, and those that come with their pages.
const english = flatten({
  ...enIndex,
  ...enAccounts,
  ...enClaws,
  ...enPeople,
  ...enSecurity,
  ...enSso,
  ...enTenants,
  ...enNotifications,
  ...enQuotas,
  ...enRollouts,
  ...enConfigs,
});
const translations = {
  zh: flatten({
    ...zhIndex,
    ...zhAccounts,
    ...zhClaws,
    ...zhPeople,
    ...zhSecurity,
    ...zhSso,
    ...zhTenants,
    ...zhNotifications,
    ...zhQuotas,
    ...zhRollouts,
    ...zhConfigs,
  }),
  ja: flatten({
    ...jaIndex,
    ...jaAccounts,
    ...jaClaws,
    ...jaPeople,
    ...jaSecurity,
    ...jaSso,
    ...jaTenants,
    ...jaNotifications,
    ...jaQuotas,
    ...jaRollouts,
    ...jaConfigs,
  }),
};
const own = (messages: Map<string, string>): string[] => [...messages.keys()].filter((key) => !key.startsWith('failures.'));
const placeholders = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].sort();

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = globSync('**/*.{vue,ts}', { cwd: root })
  .filter((file) => !file.startsWith('i18n') && !file.endsWith('.test.ts') && !file.startsWith('api/'))
  .map((file) => readFileSync(`${root}${file}`, 'utf8'));
const code = sources.join('\n');

/** Keys as they stand in the code, and patterns for those that are put together: `kind.${…}` becomes /^kind\.[^.]+$/. */
const literal = new Set([...code.matchAll(/['"`]([a-zA-Z][\w-]*(?:\.[\w-]+)+)['"`]/g)].map((match) => match[1] ?? ''));
const patterns = [...code.matchAll(/`([a-zA-Z][\w.-]*\.(?:[\w.-]|\$\{[^`]*?\})*\$\{[^`]+)`/g)].map(
  (match) =>
    new RegExp(
      `^${(match[1] ?? '')
        .replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '\u0000')
        .replace(/[.*+?^()|[\]\\]/g, '\\$&')
        .replaceAll('\u0000', '[\\w.-]+')}$`,
    ),
);

describe('messages', () => {
  it.each(['zh', 'ja'] as const)('of %s have exactly the keys of English', (locale) => {
    expect(own(translations[locale]).sort()).toEqual(own(english).sort());
  });

  it.each(['zh', 'ja'] as const)('of %s name the same placeholders as English', (locale) => {
    const wrong = own(english).filter((key) => placeholders(english.get(key) ?? '').join() !== placeholders(translations[locale].get(key) ?? '').join());
    // A language without plural may leave out the forms that name nothing, but never a value.
    expect(wrong).toEqual([]);
  });

  it('are not left empty in any language', () => {
    for (const messages of [english, ...Object.values(translations)]) expect([...messages].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('are translated: hardly any text of zh or ja equals the English', () => {
    const names = /^(column\.|resource\.cpu|instances\.labelsPlaceholder|who\.platform|chat\.claw|hosts\.bridge|operation\.sentence)/;
    for (const messages of Object.values(translations)) {
      expect(own(messages).filter((key) => messages.get(key) === english.get(key) && !names.test(key))).toEqual([]);
    }
  });

  it('exist for every key that the code asks for', () => {
    const asked = [...code.matchAll(/\b(?:t\(|(?:label|title):\s*|keypath=)['"`]([a-zA-Z][\w-]*(?:\.[\w-]+)+)['"`]/g)].map((match) => match[1] ?? '');
    expect(asked.length).toBeGreaterThan(250);
    expect(asked.filter((key) => !english.has(key))).toEqual([]);
  });

  it('are all used by the code', () => {
    const dynamic = /^(setting\.[a-z]+_\w+\.(title|description)|condition\.\w+\.\w+|phase\.\w+)$/;
    const unused = own(english).filter((key) => !literal.has(key) && !patterns.some((pattern) => pattern.test(key)) && !dynamic.test(key));
    expect(unused).toEqual([]);
  });

  it('name every phase, condition, kind, state and step of the contracts', () => {
    const needed = [
      ...Object.values(Phase).map((phase) => `phase.${phase}`),
      ...Object.values(ConditionType).flatMap((type) => ['True', 'False', 'Unknown'].map((status) => `condition.${type}.${status}`)),
      ...Object.values(OperationKind).flatMap((kind) => [`kind.${kind}`, `command.accepted.${kind}`]),
      ...Object.values(OperationState).map((state) => `operationState.${state}`),
      ...Object.values(StepName).map((step) => `step.${step}`),
    ];
    expect(needed.filter((key) => !english.has(key))).toEqual([]);
  });

  it.each(['zh', 'ja'] as const)('of %s know every failure by heart', (locale) => {
    const needed = Object.keys(FAILURES).flatMap((failure) => [`failures.${failure}.title`, `failures.${failure}.next`]);
    expect(needed.filter((key) => !translations[locale].has(key))).toEqual([]);
  });
});

describe('the language of a new visitor', () => {
  it('is the one chosen before', () => expect(preferredLocale('ja', ['zh-CN'])).toBe('ja'));
  it('else the first of the browser that we speak', () => expect(preferredLocale(null, ['fr-FR', 'zh-Hant-TW', 'en'])).toBe('zh'));
  it('else English', () => expect(preferredLocale('xx', ['fr'])).toBe('en'));
});
