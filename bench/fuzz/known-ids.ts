/** The parts of an OpenAPI document that matter here. */
export interface PathsDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Parameter {
  readonly name?: string;
  readonly in?: string;
  readonly schema?: unknown;
}

/** First part of a path: `instances` of `/instances/{id}/logs`. */
export function resourceOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** Resources of which one thing can be looked at: those whose ids are worth knowing. */
export function resourcesWithIds({ paths }: PathsDocument): string[] {
  return [...new Set(Object.keys(paths).filter((path) => path.includes('{')))].map(resourceOf).filter((name, index, all) => all.indexOf(name) === index);
}

/**
 * The document with ids that exist as one choice beside the invented ones: without them nearly every request would end at "there is no
 * such thing", and nothing behind that would be tried. `ids` by resource.
 */
export function withKnownIds<D extends PathsDocument>(document: D, ids: ReadonlyMap<string, string>): D {
  const paths = Object.entries(document.paths).map(([path, operations]) => {
    const id = ids.get(resourceOf(path));
    if (id === undefined) return [path, operations];
    const methods = Object.entries(operations).map(([method, operation]) => [method, knowing(operation, path, id)]);
    return [path, Object.fromEntries(methods)];
  });
  return { ...document, paths: Object.fromEntries(paths) };
}

function knowing(operation: unknown, path: string, id: string): unknown {
  const { parameters } = operation as { readonly parameters?: readonly Parameter[] };
  if (!parameters) return operation;
  const first = /\{([^}]+)\}/.exec(path)?.[1];
  const known = parameters.map((parameter) =>
    parameter.in === 'path' && parameter.name === first ? { ...parameter, schema: { anyOf: [{ const: id }, parameter.schema] } } : parameter,
  );
  return { ...(operation as object), parameters: known };
}
