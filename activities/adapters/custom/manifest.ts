import { z } from 'zod';
import type { ClawTypeManifest } from '../../../workflows/contracts/claw-type.ts';
import { Failure, type FieldError } from '../../../workflows/contracts/failures.ts';
import { pointerSegment } from '../overrides.ts';
import { contradictionsIn } from './manifest-rules.ts';

const name = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'lower-case letters, digits and dashes, at most 40');
const portName = z.string().regex(/^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$/, 'lower-case letters, digits and dashes, at most 15');
const absolutePath = z
  .string()
  .max(500)
  .regex(/^\/[^\s\p{Cc}]*$/u, 'a path that starts with /');
const template = z.string().max(256 * 1024);
const command = z
  .array(
    z
      .string()
      .min(1)
      .max(4000)
      .regex(/^[^\0]*$/, 'no NUL character'),
  )
  .min(1)
  .max(100);

const probe = z
  .strictObject({
    type: z.enum(['http', 'tcp', 'exec', 'runtime']),
    port: portName.optional(),
    path: absolutePath.optional(),
    command: command.optional(),
    withinSeconds: z.int().min(1).max(3600).optional(),
  })
  .superRefine((value, context) => {
    const needs = { http: ['port', 'path'], tcp: ['port'], exec: ['command'], runtime: [] } as const;
    for (const key of needs[value.type])
      if (value[key] === undefined) context.addIssue({ code: 'custom', path: [key], message: `a ${value.type} probe needs ${key}` });
  });

/** Only what a registry has: repositories, addresses and files of the host are refused, because the host installs with more rights than a claw. */
const NPM_PACKAGE = /^(?!.*\.(tgz|tar|tar\.gz)$)(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(@[\w.~^<>=+*-]+)?$/i;
const PIP_PACKAGE = /^(?!.*\.(whl|zip|tar|tgz|gz|bz2|xz)$)[a-z0-9][\w.-]*((===|==|~=|>=|<=|!=|<|>)[\w.*+!-]+)?$/i;

const version = z.strictObject({
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/, 'a version such as 1.0.0'),
  image: z.string().max(500).nullish(),
  install: z
    .strictObject({ npm: packageSpec(NPM_PACKAGE), pip: packageSpec(PIP_PACKAGE) })
    .refine((value) => (value.npm === undefined) !== (value.pip === undefined), 'either npm or pip')
    .nullish(),
  command,
});

const env = z
  .strictObject({
    name: z.string().regex(/^[A-Z_][A-Z0-9_]{0,99}$/, 'upper-case letters, digits and underscores'),
    value: template.optional(),
    secret: z.enum(['modelKey', 'controlToken', 'entryKey']).optional(),
  })
  .refine((value) => (value.value === undefined) !== (value.secret === undefined), 'either value or secret');

const file = z.strictObject({
  path: z
    .string()
    .max(200)
    .regex(/^(?!\.{1,2}(\/|$))[\w.@-]+(\/(?!\.{1,2}(\/|$))[\w.@-]+)*$/, 'a path inside the config dir, without . and ..'),
  mode: z
    .string()
    .regex(/^0[4-7][0-7]{2}$/, 'an octal mode that the owner can read, such as 0600')
    .optional(),
  template,
});

const spec = z.strictObject({
  versions: z.array(version).min(1).max(50),
  env: z.array(env).max(100).optional(),
  files: z.array(file).max(50).optional(),
  ports: z
    .array(z.strictObject({ name: portName }))
    .min(1)
    .max(8),
  probes: z.strictObject({ live: probe, ready: probe }),
  ack: z
    .strictObject({ type: z.enum(['none', 'http', 'annotation']), port: portName.optional(), path: absolutePath.optional() })
    .refine((value) => value.type !== 'http' || (value.port !== undefined && value.path !== undefined), 'an http acknowledgement needs port and path')
    .optional(),
  maxReplicas: z.int().min(1).max(1000).optional(),
  reload: z
    .strictObject({
      mode: z
        .string()
        .regex(/^(restart|none|signal:SIG(HUP|INT|TERM|USR1|USR2|WINCH)|http:(GET|POST|PUT) \/\S*)$/, 'restart, none, signal:<SIG> or http:<METHOD> <path>'),
    })
    .optional(),
  stop: z.strictObject({ signal: z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT']), graceSeconds: z.int().min(0).max(600) }).optional(),
  chat: z.strictObject({ openai: z.strictObject({ port: portName, path: absolutePath }).optional() }).optional(),
  ui: z.strictObject({ port: portName }).optional(),
  configSchema: z.record(z.string(), z.json()).optional(),
});

const manifest = z.strictObject({
  apiVersion: z.literal('clusterclaw.io/v1'),
  kind: z.literal('ClawType'),
  metadata: z.strictObject({ name: name.refine((value) => value !== 'openclaw' && value !== 'nanoclaw', 'this name belongs to a built-in type') }),
  spec,
});

/** Reads a manifest. Throws VALIDATION_FAILED with one error per wrong field, `path` = its JSON pointer in the manifest. */
export function parseManifest(input: unknown): ClawTypeManifest {
  const result = manifest.safeParse(input);
  if (!result.success) {
    throw invalid(result.error.issues.map((issue) => ({ path: `/${issue.path.map(pointerSegment).join('/')}`, message: issue.message })));
  }
  const errors = contradictionsIn(result.data);
  if (errors.length > 0) throw invalid(errors);
  return result.data;
}

function packageSpec(form: RegExp) {
  return z.string().max(300).regex(form, 'the name of a package of the registry with its version').optional();
}

function invalid(errors: readonly FieldError[]): Failure {
  return new Failure('VALIDATION_FAILED', 'The manifest of the claw type is not valid.', { errors });
}
