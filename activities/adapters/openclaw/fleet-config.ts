import type { SecretValue } from '../../../workflows/contracts/workload.ts';
import type { RuntimeFacts } from '../adapter.ts';
import { isPlainObject } from '../canonical.ts';
import { withValue } from '../overrides.ts';
import { channelsSection, NATIVE_CHANNELS } from './channels.ts';
import type { OpenClawConfig } from './config.ts';
import { INSTRUCTIONS_PLUGIN } from './instructions-plugin.ts';

/** Name of the secret in the claw's own store that holds its model key; delivered over its control surface, so rotation needs no restart. */
export const MODEL_KEY_SECRET = 'LITELLM_KEY';

/** Environment variable with the token of the claw's control surface. A claw that believes the entry refuses to start with the other name. */
export const CONTROL_TOKEN_ENV = 'OPENCLAW_GATEWAY_PASSWORD';

/** Its name in claws that were started before there was an entry. */
const OLDER_CONTROL_TOKEN_ENV = 'OPENCLAW_GATEWAY_TOKEN';

/** The token of the claw's control surface among the secrets that it was started with. */
export function controlTokenOf(secrets: readonly SecretValue[]): string | undefined {
  const named = (wanted: string) => secrets.find(({ name }) => name === wanted)?.value;
  return named(CONTROL_TOKEN_ENV) ?? named(OLDER_CONTROL_TOKEN_ENV);
}

/** Environment variable with the key that the claw knows the entry by. */
export const ENTRY_KEY_ENV = 'CLAWLOOPS_ENTRY_KEY';

/** Origin that stands for the entry, wherever people see it: the claw need not be told when that changes. */
export const ENTRY_ORIGIN = 'https://entry.clawloops.internal';

/** What people may do in the claw's own page: use it, not configure it. */
export const PERSON_SCOPES = ['operator.read', 'operator.write', 'operator.approvals', 'operator.questions'] as const;

/** Id of the one agent that the platform manages; chat goes to it. */
export const MAIN_AGENT = 'main';

const PROVIDER = 'clawloops';
const UNKNOWN_MODEL = { contextTokens: 32_768, maxOutputTokens: 4096 };
const LOG_FILE_BYTES = 20 * 1024 * 1024;

/** A skill that does not exist, whose settings tell which file the claw has taken: its configuration has no other free text that it shows. */
const REVISION_ENTRY = 'clawloops-revision';

/**
 * The claw's own configuration: closed to everybody but the platform and its loopback, no second way to a model, no update or
 * telemetry, nothing that spends tokens by itself. Settings of the unified config come last, escaped so that they stay text.
 * `revision` is the hash of the files, which the claw is asked for after a change.
 */
export function fleetConfig(config: OpenClawConfig, facts: RuntimeFacts, port: number, revision: string): Record<string, unknown> {
  const base: Record<string, unknown> = {
    gateway: gatewaySection(port),
    models: modelsSection(config, facts),
    agents: agentsSection(config),
    tools: toolsSection(config),
    skills: skillsSection(config, revision),
    plugins: pluginsSection(config),
    cron: { enabled: config.schedule.cron },
    session: { dmScope: 'per-channel-peer' },
    discovery: { mdns: { mode: 'off' } },
    update: { checkOnStart: false, auto: { enabled: false } },
    telemetry: { enabled: false },
    logging: loggingSection(config),
    ...channelsSection(config.channels),
    ...(config.memory.search === undefined ? {} : { memory: { search: { enabled: config.memory.search } } }),
  };
  return Object.entries(config.openclaw).reduce((target, [path, value]) => withValue(target, path.split('.'), literal(value)), base);
}

/** Text of people in which `${NAME}` is no variable any more. Works on every string of a JSON value, keys included. */
export function literal(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${');
  if (Array.isArray(value)) return value.map(literal);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, literal(member)]));
}

function gatewaySection(port: number): Record<string, unknown> {
  return {
    mode: 'local',
    port,
    bind: 'loopback',
    // The bridge connects from here; that it speaks for the entry is what the name of the header says, which no other process knows.
    trustedProxies: ['127.0.0.1', '::1'],
    auth: {
      mode: 'trusted-proxy',
      password: `\${${CONTROL_TOKEN_ENV}}`,
      trustedProxy: {
        userHeader: `x-clawloops-user-\${${ENTRY_KEY_ENV}}`,
        allowLoopback: true,
        deviceAutoApprove: { enabled: true, scopes: PERSON_SCOPES },
      },
      rateLimit: { maxAttempts: 10, windowMs: 60_000, lockoutMs: 300_000 },
    },
    controlUi: { enabled: true, allowedOrigins: [ENTRY_ORIGIN] },
    terminal: { enabled: false },
    http: { endpoints: { chatCompletions: { enabled: true }, responses: { enabled: false } } },
    reload: { mode: 'hybrid' },
    tools: { deny: ['browser'] },
  };
}

function modelsSection(config: OpenClawConfig, facts: RuntimeFacts): Record<string, unknown> {
  const listed = new Map(facts.models.map((model) => [model.id, model]));
  // A model the gateway does not list now (its provider was removed) stays configured: the gateway says so on the call, the claw lives on.
  for (const id of [config.model.name, ...config.model.fallbacks]) if (!listed.has(id)) listed.set(id, { id, ...UNKNOWN_MODEL });
  const models = [...listed.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
  return {
    mode: 'replace',
    catalogRefresh: { enabled: false },
    providers: {
      [PROVIDER]: {
        baseUrl: facts.modelGatewayUrl,
        api: 'openai-completions',
        apiKey: { source: 'store', provider: 'default', id: MODEL_KEY_SECRET },
        models: models.map((model) => ({
          id: model.id,
          name: model.id,
          reasoning: config.agent.thinking !== 'off',
          input: ['text'],
          // Cost is metered at the model gateway.
          cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
          contextWindow: model.contextTokens,
          maxTokens: config.model.maxOutputTokens ?? model.maxOutputTokens,
        })),
      },
    },
  };
}

function agentsSection(config: OpenClawConfig): Record<string, unknown> {
  return {
    ownership: 'explicit',
    defaults: {
      workspace: '${DATA_DIR}/workspace',
      model: { primary: modelRef(config.model.name), fallbacks: config.model.fallbacks.map(modelRef) },
      skipBootstrap: true,
      heartbeat: { every: `${config.schedule.heartbeatMinutes}m`, ...pushOf(config) },
      maxConcurrent: config.agent.maxConcurrent,
      timeoutSeconds: config.agent.timeoutSeconds,
      thinkingDefault: config.agent.thinking,
      systemAgent: { agentId: MAIN_AGENT },
      ...(config.schedule.timezone === undefined ? {} : { userTimezone: config.schedule.timezone }),
      ...(config.model.temperature === undefined ? {} : { params: { temperature: config.model.temperature } }),
    },
    entries: { [MAIN_AGENT]: { name: literal(config.agent.name) } },
  };
}

/** Where the agent reports by itself, when it is told. */
function pushOf({ schedule: { push } }: OpenClawConfig): Record<string, unknown> {
  const { channel, to } = push;
  return { ...(channel === undefined ? {} : { target: NATIVE_CHANNELS[channel] }), ...(to === undefined ? {} : { to: literal(to) }) };
}

function toolsSection({ tools, network }: OpenClawConfig): Record<string, unknown> {
  const web = {
    ...(network.webSearch === undefined ? {} : { search: { enabled: network.webSearch } }),
    ...(network.webFetch === undefined ? {} : { fetch: { enabled: network.webFetch } }),
  };
  return {
    profile: tools.profile,
    exec: { mode: tools.exec },
    elevated: { enabled: false },
    fs: { workspaceOnly: true },
    ...(tools.allow.length > 0 ? { alsoAllow: tools.allow } : {}),
    ...(tools.deny.length > 0 ? { deny: tools.deny } : {}),
    ...(Object.keys(web).length > 0 ? { web } : {}),
  };
}

function skillsSection({ skills }: OpenClawConfig, revision: string): Record<string, unknown> {
  const disabled = Object.fromEntries(skills.disabled.map((name) => [name, { enabled: false }]));
  return {
    // An empty list would allow every bundled skill, so it names one that does not exist.
    allowBundled: skills.bundled.length > 0 ? skills.bundled : ['none'],
    workshop: { autonomous: { mode: 'off' } },
    entries: { ...disabled, [REVISION_ENTRY]: { enabled: false, config: { revision } } },
  };
}

function pluginsSection(config: OpenClawConfig): Record<string, unknown> {
  const { dreaming } = config.memory;
  const entries: Record<string, Record<string, unknown>> = {
    'admin-http-rpc': { enabled: true },
    'memory-core': { config: { dreaming: dreaming.enabled ? { enabled: true, frequency: dreaming.schedule } : { enabled: false } } },
    browser: { enabled: false },
    bonjour: { enabled: false },
  };
  for (const id of config.plugins.enabled) entries[id] = { ...entries[id], enabled: true };
  for (const id of config.plugins.disabled) entries[id] = { ...entries[id], enabled: false };
  if (config.agent.instructions === '') return { entries };
  return {
    load: { paths: [`\${CONFIG_DIR}/${INSTRUCTIONS_PLUGIN.folder}`] },
    entries: { ...entries, [INSTRUCTIONS_PLUGIN.id]: instructionsEntry(config) },
  };
}

function instructionsEntry(config: OpenClawConfig): Record<string, unknown> {
  // Without this permission a plugin from outside the package may not touch the prompt.
  return { enabled: true, hooks: { allowConversationAccess: true }, config: { text: literal(config.agent.instructions) } };
}

function loggingSection(config: OpenClawConfig): Record<string, unknown> {
  const { level } = config.logging;
  return { level, consoleLevel: level, consoleStyle: 'json', file: '${LOG_DIR}/openclaw.jsonl', maxFileBytes: LOG_FILE_BYTES };
}

function modelRef(id: string): string {
  return `${PROVIDER}/${id}`;
}
