import type { ClawTypeManifest } from '../../../workflows/contracts/claw-type.ts';
import type { FieldError } from '../../../workflows/contracts/failures.ts';
import { compileConfigSchema } from './config-schema.ts';
import { lookupProblem } from './scope.ts';
import { lookupsOf, parseTemplate, TemplateError } from './template.ts';

/** What is wrong with a manifest whose fields are right one by one: names used twice or not declared, templates, the config schema. */
export function contradictionsIn(manifest: ClawTypeManifest): readonly FieldError[] {
  const { spec } = manifest;
  return [
    ...repeated(
      '/spec/versions',
      spec.versions.map(({ version }) => version),
      'version',
    ),
    ...repeated(
      '/spec/ports',
      spec.ports.map(({ name }) => name),
      'name',
    ),
    ...repeated(
      '/spec/env',
      (spec.env ?? []).map(({ name }) => name),
      'name',
    ),
    ...repeated(
      '/spec/files',
      (spec.files ?? []).map(({ path }) => path),
      'path',
    ),
    ...undeclaredPorts(manifest),
    ...wrongTemplates(manifest),
    ...wrongSchema(manifest),
  ];
}

function repeated(root: string, names: readonly string[], field: string): readonly FieldError[] {
  return names.flatMap((name, index) => (names.indexOf(name) === index ? [] : [{ path: `${root}/${index}/${field}`, message: `${name} is there twice` }]));
}

function undeclaredPorts({ spec }: ClawTypeManifest): readonly FieldError[] {
  const declared = new Set(spec.ports.map(({ name }) => name));
  const uses: readonly (readonly [string, string | undefined])[] = [
    ['/spec/probes/live/port', spec.probes.live.port],
    ['/spec/probes/ready/port', spec.probes.ready.port],
    ['/spec/ack/port', spec.ack?.port],
    ['/spec/chat/openai/port', spec.chat?.openai?.port],
    ['/spec/ui/port', spec.ui?.port],
  ];
  return uses.flatMap(([path, port]) => (port === undefined || declared.has(port) ? [] : [{ path, message: `${port} is not one of the declared ports` }]));
}

function wrongTemplates({ spec }: ClawTypeManifest): readonly FieldError[] {
  const ports = spec.ports.map(({ name }) => name);
  const texts: readonly (readonly [string, string])[] = [
    ...spec.versions.flatMap(({ command }, index) => command.map((part, at) => [`/spec/versions/${index}/command/${at}`, part] as const)),
    ...(spec.env ?? []).flatMap(({ value }, index) => (value === undefined ? [] : [[`/spec/env/${index}/value`, value] as const])),
    ...(spec.files ?? []).map(({ template }, index) => [`/spec/files/${index}/template`, template] as const),
  ];
  return texts.flatMap(([path, text]) => templateProblems(text, ports).map((message) => ({ path, message })));
}

function templateProblems(text: string, ports: readonly string[]): readonly string[] {
  try {
    return lookupsOf(parseTemplate(text)).flatMap((path) => lookupProblem(path, ports) ?? []);
  } catch (error) {
    if (error instanceof TemplateError) return [error.message];
    throw error;
  }
}

function wrongSchema({ spec }: ClawTypeManifest): readonly FieldError[] {
  if (spec.configSchema === undefined) return [];
  const compiled = compileConfigSchema(spec.configSchema);
  return compiled.ok ? [] : [{ path: '/spec/configSchema', message: compiled.message }];
}
