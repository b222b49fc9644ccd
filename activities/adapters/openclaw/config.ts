import { z } from 'zod';
import type { FieldError } from '../../../workflows/contracts/failures.ts';
import type { ConfigOverride } from '../../../workflows/contracts/instance.ts';
import { DEMO_MODEL } from '../../../workflows/contracts/model.ts';
import { badKey, keyPointer, refuseErrors, segmentsOf, valuePointer, withValue } from '../overrides.ts';
import { ownedBecause, reservedSecretIn } from './owned-paths.ts';

const RAW_PREFIX = 'openclaw.';

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

const model = z.strictObject({
  name: modelName.default(DEMO_MODEL).describe('Model that answers, by the name the model gateway lists it under.'),
  fallbacks: z.array(modelName).max(5).default([]).describe('Models tried in this order when the first one fails.'),
});

const agent = z.strictObject({
  name: line(80).default('Main').describe('Name the agent introduces itself with.'),
  instructions: z.string().max(20_000).default('').describe('Standing instructions, added to the system prompt of every turn.'),
  timeoutSeconds: z.int().min(10).max(86_400).default(600).describe('Longest time one turn may take.'),
  maxConcurrent: z.int().min(1).max(64).default(4).describe('Turns that may run at the same time.'),
  thinking: z.enum(['off', 'minimal', 'low', 'medium', 'high']).default('off').describe('How much the model may think before it answers.'),
});

const tools = z.strictObject({
  profile: z.enum(['minimal', 'messaging', 'coding', 'full']).default('coding').describe('Which set of tools the agent has.'),
  exec: z
    .enum(['deny', 'allowlist', 'ask', 'auto', 'full'])
    .default('deny')
    .describe('Whether the agent may run commands on the host, as the user of the claw.'),
});

const logging = z.strictObject({
  level: z.enum(['error', 'warn', 'info', 'debug', 'trace']).default('info').describe('How much the claw writes to its log.'),
});

const shutdown = z.strictObject({
  graceSeconds: z.int().min(5).max(330).default(60).describe('How long a stop waits for running turns before the process is killed.'),
});

const settings = z.strictObject({
  model: model.prefault({}),
  agent: agent.prefault({}),
  tools: tools.prefault({}),
  logging: logging.prefault({}),
  shutdown: shutdown.prefault({}),
  openclaw: z.record(z.string(), z.json()).default({}).describe("Any other part of OpenClaw's own configuration, by its dotted path: openclaw.<path>."),
});

/** The unified config of an OpenClaw; `openclaw` maps dotted paths of its own configuration to values, in the order they were set. */
export type OpenClawConfig = z.output<typeof settings>;

/** JSON Schema of the settings, nested as the dotted keys are. */
export const openClawConfigSchema: Readonly<Record<string, unknown>> = z.toJSONSchema(settings, { io: 'input' });

const LEAVES: ReadonlyMap<string, z.ZodType> = new Map(
  Object.entries({ model, agent, tools, logging, shutdown }).flatMap(([group, shape]) =>
    Object.entries<z.ZodType>(shape.shape).map(([name, schema]): [string, z.ZodType] => [`${group}.${name}`, schema]),
  ),
);

/** The unified config from overrides, later ones winning. Throws INVALID_CONFIG naming each wrong setting by its JSON pointer. */
export function parseOpenClawConfig(overrides: readonly ConfigOverride[]): OpenClawConfig {
  const errors: FieldError[] = [];
  const raw = new Map<string, unknown>();
  let known: Record<string, unknown> = {};
  overrides.forEach((override, index) => {
    const isRaw = override.key.startsWith(RAW_PREFIX);
    const found = isRaw ? checkRaw(override, index) : checkLeaf(override, index);
    errors.push(...found);
    if (found.length > 0) return;
    const path = override.key.split('.');
    if (!isRaw) known = withValue(known, path, override.value);
    else setLast(raw, override.key.slice(RAW_PREFIX.length), override.value);
  });
  refuseErrors(errors);
  return settings.parse({ ...known, openclaw: Object.fromEntries(raw) });
}

function checkLeaf({ key, value }: ConfigOverride, index: number): FieldError[] {
  const schema = LEAVES.get(key);
  if (!schema) return [{ path: keyPointer(index), message: unknownKey(key) }];
  const result = schema.safeParse(value);
  if (result.success && value !== undefined) return [];
  const issues = result.error?.issues ?? [{ path: [], message: 'a value is missing' }];
  return issues.map((issue) => ({ path: valuePointer(index, issue.path), message: `${key}: ${issue.message}` }));
}

function checkRaw({ key, value }: ConfigOverride, index: number): FieldError[] {
  const path = segmentsOf(key.slice(RAW_PREFIX.length));
  if (!path) return [{ path: keyPointer(index), message: badKey(key) }];
  const reason = ownedBecause(path);
  if (reason) return [{ path: keyPointer(index), message: reason }];
  if (!z.json().safeParse(value).success) return [{ path: valuePointer(index), message: `${key}: a JSON value is needed` }];
  const secret = reservedSecretIn(value);
  return secret ? [{ path: valuePointer(index, secret), message: `${key}: the platform's own secrets cannot be used in settings` }] : [];
}

function unknownKey(key: string): string {
  if (!segmentsOf(key)) return badKey(key);
  return `${key} is not a setting of openclaw; there are ${[...LEAVES.keys()].join(', ')} and openclaw.<path>`;
}

/** Keeps the order of the last setting of a path, so that what was set later is applied later. */
function setLast(map: Map<string, unknown>, key: string, value: unknown): void {
  map.delete(key);
  map.set(key, value);
}
