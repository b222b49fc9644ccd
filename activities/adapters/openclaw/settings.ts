import { z } from 'zod';
import { DEMO_MODEL } from '../../../workflows/contracts/model.ts';
import { channels } from './channels.ts';
import { isCron } from './cron.ts';

const modelName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]*$/, 'a model name such as demo or my-provider/gpt-5');
const line = (characters: number) =>
  z
    .string()
    .min(1)
    .max(characters)
    .regex(/^[^\p{Cc}]*$/u, 'one line without control characters');
const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,79}$/i, 'a name such as web-search');
const names = z.array(name).max(100);
const cron = z.string().max(100).refine(isCron, 'a cron expression of five fields such as 0 3 * * *');
const timezone = z.string().refine(isTimezone, 'a time zone such as Europe/Berlin');

/** What the platform runs in the claw itself; nobody switches it. */
const OWN_PLUGINS = ['admin-http-rpc', 'clawloops-instructions', 'bonjour'];
const plugins = names.refine((ids) => !ids.some((id) => OWN_PLUGINS.includes(id)), `${OWN_PLUGINS.join(', ')} belong to the platform`);

const model = z.strictObject({
  name: modelName.default(DEMO_MODEL).describe('Model that answers, by the name the model gateway lists it under.'),
  fallbacks: z.array(modelName).max(5).default([]).describe('Models tried in this order when the first one fails.'),
  temperature: z.number().min(0).max(2).optional().describe('How freely the model chooses its words.'),
  maxOutputTokens: z.int().min(16).max(1_000_000).optional().describe('Longest answer of the model.'),
});

const agent = z.strictObject({
  name: line(80).default('Main').describe('Name the agent introduces itself with.'),
  instructions: z.string().max(20_000).default('').describe('Standing instructions, added to the system prompt of every turn.'),
  timeoutSeconds: z.int().min(10).max(86_400).default(600).describe('Longest time one turn may take.'),
  maxConcurrent: z.int().min(1).max(64).default(4).describe('Turns that may run at the same time.'),
  thinking: z.enum(['off', 'minimal', 'low', 'medium', 'high']).default('off').describe('How much the model may think before it answers.'),
});

const memory = z.strictObject({
  search: z.boolean().optional().describe('Whether the agent looks things up in what it remembers.'),
  dreaming: z
    .strictObject({
      enabled: z.boolean().default(false).describe('Whether the agent tidies up its memory by itself, which costs model calls.'),
      schedule: cron.default('0 3 * * *').describe('When it does, as a cron expression.'),
    })
    .prefault({}),
});

const tools = z.strictObject({
  profile: z.enum(['minimal', 'messaging', 'coding', 'full']).default('coding').describe('Which set of tools the agent has.'),
  exec: z
    .enum(['deny', 'allowlist', 'ask', 'auto', 'full'])
    .default('deny')
    .describe('Whether the agent may run commands on the host, as the user of the claw.'),
  allow: names.default([]).describe('Tools that it has beside those of its set.'),
  deny: names.default([]).describe('Tools that it does not have.'),
});

const skills = z.strictObject({
  bundled: names.default([]).describe('Skills of OpenClaw itself that the agent may use.'),
  disabled: names.default([]).describe('Skills that are switched off.'),
});

const switches = z.strictObject({
  enabled: plugins.default([]).describe('Plugins that are switched on.'),
  disabled: plugins.default([]).describe('Plugins that are switched off.'),
});

const schedule = z.strictObject({
  cron: z.boolean().default(true).describe('Whether jobs that the agent plans for itself run.'),
  heartbeatMinutes: z.int().min(0).max(10_080).default(0).describe('How often the agent looks around by itself; 0: never.'),
  timezone: timezone.optional().describe('Time zone of the people it works for.'),
  push: z
    .strictObject({
      channel: z.enum(['telegram', 'qq', 'feishu']).optional().describe('Channel that it reports to by itself.'),
      to: line(200).optional().describe('Id of the chat or person there.'),
    })
    .prefault({}),
});

const logging = z.strictObject({
  level: z.enum(['error', 'warn', 'info', 'debug', 'trace']).default('info').describe('How much the claw writes to its log.'),
});

const network = z.strictObject({
  webSearch: z.boolean().optional().describe('Whether the agent may search the web.'),
  webFetch: z.boolean().optional().describe('Whether the agent may read web pages.'),
});

const shutdown = z.strictObject({
  graceSeconds: z.int().min(5).max(330).default(60).describe('How long a stop waits for running turns before the process is killed.'),
});

const GROUPS = { model, agent, memory, channels, tools, skills, plugins: switches, schedule, logging, network, shutdown } as const;

/** The unified config of an OpenClaw. */
export const settings = z.strictObject({
  model: model.prefault({}),
  agent: agent.prefault({}),
  memory: memory.prefault({}),
  channels: channels.prefault({}),
  tools: tools.prefault({}),
  skills: skills.prefault({}),
  plugins: switches.prefault({}),
  schedule: schedule.prefault({}),
  logging: logging.prefault({}),
  network: network.prefault({}),
  shutdown: shutdown.prefault({}),
  openclaw: z.record(z.string(), z.json()).default({}).describe("Any other part of OpenClaw's own configuration, by its dotted path: openclaw.<path>."),
});

/** The schema of each single setting by its dotted key, the part `openclaw` aside. */
export const SETTINGS: ReadonlyMap<string, z.ZodType> = new Map(Object.entries(GROUPS).flatMap(([group, shape]) => leavesBelow(group, shape)));

function leavesBelow(key: string, schema: z.ZodType): [string, z.ZodType][] {
  const inner = schema instanceof z.ZodPrefault ? schema.unwrap() : schema;
  if (!(inner instanceof z.ZodObject)) return [[key, schema]];
  return Object.entries<z.ZodType>(inner.shape).flatMap(([part, member]) => leavesBelow(`${key}.${part}`, member));
}

function isTimezone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
