/** As much of JSON Schema as completing needs. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

/** A key or value that may stand somewhere. */
export interface Suggestion {
  readonly label: string;
  readonly detail: string;
  readonly info: string;
}

/** The document of a config, whose settings are those of a claw type. */
export function documentSchema(settings: Schema): Schema {
  const text: Schema = { type: 'string' };
  const variable: Schema = {
    type: 'object',
    properties: {
      name: text,
      type: { type: 'string', enum: ['string', 'number', 'boolean', 'list'] },
      required: { type: 'boolean' },
      secret: { type: 'boolean' },
      default: {},
      description: text,
    },
  };
  return { type: 'object', properties: { settings, locks: { type: 'array', items: text }, variables: { type: 'array', items: variable } } };
}

const branches = (schema: Schema): readonly Schema[] =>
  [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap((one) => (one === schema ? [one] : branches(one)));

/** What may stand at a path; null stands for an element of a list. */
export function schemasAt(schema: Schema, path: readonly (string | null)[]): readonly Schema[] {
  const [step, ...rest] = path;
  if (step === undefined) return branches(schema);
  return branches(schema).flatMap((one) => {
    const next = step === null ? one.items : (one.properties?.[step] ?? (typeof one.additionalProperties === 'object' ? one.additionalProperties : undefined));
    return next ? schemasAt(next, rest) : [];
  });
}

/** Keys of the object at a path, but those that it has. */
export function keysAt(schema: Schema, path: readonly (string | null)[], present: readonly string[]): readonly Suggestion[] {
  const found = new Map<string, Schema>();
  for (const one of schemasAt(schema, path)) for (const [key, value] of Object.entries(one.properties ?? {})) if (!found.has(key)) found.set(key, value);
  return [...found]
    .filter(([key]) => !present.includes(key))
    .map(([label, value]) => ({ label, detail: typeOf(value), info: value.description ?? value.title ?? '' }));
}

/** Values that may stand at a path, where there are only a few. */
export function valuesAt(schema: Schema, path: readonly (string | null)[]): readonly Suggestion[] {
  const values = schemasAt(schema, path).flatMap((one) => one.enum ?? (one.type === 'boolean' ? [true, false] : []));
  return [...new Set(values.map((value) => JSON.stringify(value)))].map((label) => ({ label, detail: '', info: '' }));
}

function typeOf({ type, enum: values }: Schema): string {
  if (values) return values.map(String).join(' | ').slice(0, 60);
  return type === undefined ? '' : [type].flat().join(' | ');
}
