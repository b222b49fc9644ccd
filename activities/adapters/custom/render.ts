import type { ClawTypeManifest, ClawTypeVersion } from '../../../workflows/contracts/claw-type.ts';
import { Failure } from '../../../workflows/contracts/failures.ts';
import type { RuntimeRef, WorkloadFile } from '../../../workflows/contracts/workload.ts';
import type { Rendered, RuntimeFacts } from '../adapter.ts';
import { hashOf } from '../canonical.ts';
import { scopeOf } from './scope.ts';
import { fillTemplate, parseTemplate, TemplateError, type TemplateScope } from './template.ts';

const DEFAULT_STOP = { signal: 'SIGTERM', graceSeconds: 10 } as const;
const OWNER_ONLY = '0600';

/** Files and process of a custom claw. The same input gives the same bytes. Throws INVALID_CONFIG when a template finds no value. */
export function renderCustom(
  { spec }: ClawTypeManifest,
  { command }: ClawTypeVersion,
  runtime: RuntimeRef,
  config: Readonly<Record<string, unknown>>,
  facts: RuntimeFacts,
): Rendered {
  // The hash is of the files as they are without it, so that they can hold it.
  const filesHash = hashOf(filesOf(spec.files, scopeOf(config, facts, '')));
  const scope = scopeOf(config, facts, filesHash);
  const filledCommand = command.map((part, index) => fill(part, scope, `command ${index}`));
  const values = (spec.env ?? []).filter((entry) => entry.value !== undefined);
  const secrets = (spec.env ?? []).filter((entry) => entry.secret !== undefined);
  // The revision is no reason for a new process, so what the hash of the process sees is filled without it.
  const envWith = (of: TemplateScope) => Object.fromEntries(values.map(({ name, value = '' }) => [name, fill(value, of, name)]));
  const secretEnv = Object.fromEntries(secrets.map(({ name, secret = 'modelKey' }) => [name, secret]));
  return {
    runtime,
    command: filledCommand,
    env: envWith(scope),
    secretEnv,
    files: filesOf(spec.files, scope),
    probes: spec.probes,
    stop: spec.stop ?? DEFAULT_STOP,
    reload: reloadOf(spec.reload?.mode),
    processHash: hashOf({ runtime, command: filledCommand, env: envWith(scopeOf(config, facts, '')), secretEnv, ports: facts.ports }),
    filesHash,
  };
}

/** `none` in a manifest says that the claw needs no help to take its files. */
function reloadOf(mode = 'restart'): string {
  return mode === 'none' ? 'hot' : mode;
}

function filesOf(files: ClawTypeManifest['spec']['files'] = [], scope: TemplateScope): readonly WorkloadFile[] {
  return files.map(({ path, mode = OWNER_ONLY, template }) => ({ path, mode, content: fill(template, scope, path) }));
}

function fill(text: string, scope: TemplateScope, where: string): string {
  try {
    return fillTemplate(parseTemplate(text), scope);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new Failure('INVALID_CONFIG', `${where}: ${error.message}`, { errors: [{ path: '/spec/config/overrides', message: `${where}: ${error.message}` }] });
  }
}
