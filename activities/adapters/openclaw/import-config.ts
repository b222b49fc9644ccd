import type { ConfigDocument, ConfigVariable } from '../../../workflows/contracts/config.ts';
import { Failure } from '../../../workflows/contracts/failures.ts';
import { isSecretName } from '../../../workflows/contracts/redaction.ts';
import { isPlainObject } from '../canonical.ts';
import { type Leaf, leavesOf } from '../config/paths.ts';
import { pointerSegment, withValue } from '../overrides.ts';
import { ownedBecause } from './owned-paths.ts';
import { SETTINGS } from './settings.ts';

/** An OpenClaw's own configuration as a config of ours. `leftOut`: what is in none of its settings, by pointer, and why. */
export interface Imported {
  readonly document: ConfigDocument;
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
}

/** Which setting stands for a path of OpenClaw's own; `read` turns its value into ours. */
interface Mapping {
  readonly setting: string;
  readonly read?: (value: unknown) => unknown;
}

const MINUTES = /^(\d{1,5})(m|h)$/;
const minutesOf = (value: unknown): unknown => {
  const [, amount, unit] = MINUTES.exec(String(value)) ?? [];
  return amount === undefined ? undefined : Number(amount) * (unit === 'h' ? 60 : 1);
};
const channelOf = (value: unknown): unknown => (value === 'qqbot' ? 'qq' : value);

const CHANNELS = { telegram: 'telegram', qqbot: 'qq', feishu: 'feishu' } as const;
const CHANNEL_FIELDS = ['enabled', 'dmPolicy', 'allowFrom', 'groupPolicy', 'appId', 'domain'];
/** Fields that hold a secret, and the setting that names a stored one instead. */
const SECRETS: Readonly<Record<string, string>> = {
  'channels.telegram.botToken': 'channels.telegram.botToken',
  'channels.qqbot.clientSecret': 'channels.qq.clientSecret',
  'channels.feishu.appSecret': 'channels.feishu.appSecret',
};

const MAPPINGS: ReadonlyMap<string, Mapping> = new Map<string, Mapping>([
  ['agents.defaults.model.primary', { setting: 'model.name' }],
  ['agents.defaults.model', { setting: 'model.name' }],
  ['agents.defaults.model.fallbacks', { setting: 'model.fallbacks' }],
  ['agents.defaults.params.temperature', { setting: 'model.temperature' }],
  ['agents.entries.main.name', { setting: 'agent.name' }],
  ['agents.defaults.timeoutSeconds', { setting: 'agent.timeoutSeconds' }],
  ['agents.defaults.maxConcurrent', { setting: 'agent.maxConcurrent' }],
  ['agents.defaults.thinkingDefault', { setting: 'agent.thinking' }],
  ['agents.defaults.userTimezone', { setting: 'schedule.timezone' }],
  ['agents.defaults.heartbeat.every', { setting: 'schedule.heartbeatMinutes', read: minutesOf }],
  ['agents.defaults.heartbeat.target', { setting: 'schedule.push.channel', read: channelOf }],
  ['agents.defaults.heartbeat.to', { setting: 'schedule.push.to' }],
  ['memory.search.enabled', { setting: 'memory.search' }],
  ['plugins.entries.memory-core.config.dreaming.enabled', { setting: 'memory.dreaming.enabled' }],
  ['plugins.entries.memory-core.config.dreaming.frequency', { setting: 'memory.dreaming.schedule' }],
  ['tools.profile', { setting: 'tools.profile' }],
  ['tools.exec.mode', { setting: 'tools.exec' }],
  ['tools.alsoAllow', { setting: 'tools.allow' }],
  ['tools.deny', { setting: 'tools.deny' }],
  ['tools.web.search.enabled', { setting: 'network.webSearch' }],
  ['tools.web.fetch.enabled', { setting: 'network.webFetch' }],
  ['cron.enabled', { setting: 'schedule.cron' }],
  ['logging.level', { setting: 'logging.level' }],
  ...Object.entries(CHANNELS).flatMap(([native, ours]) =>
    CHANNEL_FIELDS.map((field): [string, Mapping] => [`channels.${native}.${field}`, { setting: `channels.${ours}.${field}` }]),
  ),
]);

/**
 * What OpenClaw was told, as settings: what has a setting becomes that, everything else stands in the native section as it was. Left out is
 * only what the platform writes itself and what is secret, which becomes a variable where a setting can name it. Throws INVALID_CONFIG
 * for a file that takes in others.
 */
export function importOpenClaw(native: Readonly<Record<string, unknown>>): Imported {
  refuseIncludes(native);
  let settings: Record<string, unknown> = {};
  const variables: ConfigVariable[] = [];
  const leftOut: { path: string; reason: string }[] = [];
  const set = (path: readonly string[], value: unknown) => {
    settings = withValue(settings, path, value);
  };
  for (const leaf of leavesOf(native)) {
    const key = leaf.path.join('.');
    const secret = SECRETS[key];
    const ours = settingFor(key, leaf.value);
    if (secret !== undefined) {
      const name = secret.split('.').slice(1).join('_');
      set(secret.split('.'), `{{vars.${name}}}`);
      variables.push({ name, type: 'string', required: true, secret: true, description: `Name of the stored secret for ${secret}` });
      leftOut.push({ path: pointerOf(leaf), reason: `is a secret: store it, and give its name as the variable ${name}` });
    } else if (ours) set(ours.setting.split('.'), ours.value);
    else {
      const reason = whyNot(leaf);
      if (reason) leftOut.push({ path: pointerOf(leaf), reason });
      else set(['openclaw', ...leaf.path], leaf.value);
    }
  }
  return { document: { settings, locks: [], variables }, leftOut };
}

function settingFor(key: string, value: unknown): { readonly setting: string; readonly value: unknown } | null {
  const mapping = MAPPINGS.get(key);
  if (!mapping) return null;
  const read = mapping.read ? mapping.read(value) : value;
  const schema = SETTINGS.get(mapping.setting);
  return read !== undefined && schema?.safeParse(read).success ? { setting: mapping.setting, value: read } : null;
}

function whyNot({ path, value }: Leaf): string | null {
  const owned = ownedBecause(path);
  if (owned) return owned;
  const named = path.find((segment) => isSecretName(segment)) ?? secretFieldIn(value);
  return named === undefined ? null : `${named} looks like a secret, which settings never hold`;
}

function secretFieldIn(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.map(secretFieldIn).find((name) => name !== undefined);
  if (!isPlainObject(value)) return undefined;
  return Object.entries(value).flatMap(([name, inner]) => (isSecretName(name) && typeof inner === 'string' ? [name] : (secretFieldIn(inner) ?? [])))[0];
}

/** What a file takes in cannot be seen from here, and may take in itself. */
function refuseIncludes(value: unknown, at = '/config'): void {
  if (Array.isArray(value)) for (const [index, member] of value.entries()) refuseIncludes(member, `${at}/${index}`);
  if (!isPlainObject(value)) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === '$include')
      throw new Failure('INVALID_CONFIG', 'A configuration that takes in other files cannot be imported.', {
        errors: [{ path: `${at}/$include`, message: 'takes in another file' }],
        nextStep: 'Put what the included files say in place of $include, then import it again.',
      });
    refuseIncludes(member, `${at}/${pointerSegment(name)}`);
  }
}

function pointerOf({ path }: Leaf): string {
  return `/config/${path.map(pointerSegment).join('/')}`;
}
