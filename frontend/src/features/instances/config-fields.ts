import type { ConfigOverride } from '../../../../workflows/contracts/instance.ts';

/**
 * How one setting is asked for. `list` is a list of texts, `open` an object that takes settings of any name below its key, `json`
 * whatever has no simpler control.
 */
export type FieldKind = 'text' | 'longtext' | 'number' | 'integer' | 'boolean' | 'choice' | 'list' | 'open' | 'json';

/** One setting of a claw type. `key` is the dotted path that an override carries. */
export interface ConfigField {
  readonly key: string;
  readonly kind: FieldKind;
  readonly title: string | null;
  readonly description: string | null;
  readonly choices: readonly string[];
  readonly defaultValue: unknown;
  readonly minimum: number | null;
  readonly maximum: number | null;
}

interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly enum?: readonly unknown[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

// Above this a text is a paragraph (a system prompt) and gets a box of several lines.
const LONG_TEXT_CHARACTERS = 400;

function typeOf(node: SchemaNode): string {
  const types = typeof node.type === 'string' ? [node.type] : (node.type ?? []);
  return types.find((type) => type !== 'null') ?? 'unknown';
}

function kindOf(node: SchemaNode): FieldKind {
  if (node.enum?.every((value) => typeof value === 'string')) return 'choice';
  switch (typeOf(node)) {
    case 'string':
      return (node.maxLength ?? 0) > LONG_TEXT_CHARACTERS ? 'longtext' : 'text';
    case 'integer':
      return 'integer';
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return node.items?.type === 'string' ? 'list' : 'json';
    case 'object':
      return node.additionalProperties === undefined || node.additionalProperties === false ? 'json' : 'open';
    default:
      return 'json';
  }
}

function fieldOf(key: string, node: SchemaNode): ConfigField {
  return {
    key,
    kind: kindOf(node),
    title: node.title ?? null,
    description: node.description ?? null,
    choices: (node.enum ?? []).filter((value) => typeof value === 'string'),
    defaultValue: node.default,
    minimum: node.minimum ?? null,
    maximum: node.maximum ?? null,
  };
}

/** The settings of a JSON Schema of nested objects, leaves only, in the order of the schema. */
export function configFields(schema: Readonly<Record<string, unknown>>, prefix = ''): readonly ConfigField[] {
  const node = schema as SchemaNode;
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    const nested = typeOf(child) === 'object' && Object.keys(child.properties ?? {}).length > 0;
    return nested ? configFields(child as Readonly<Record<string, unknown>>, key) : [fieldOf(key, child)];
  });
}

/** Overrides with this key set; `undefined` takes it away. Order is kept, so a save without a change sends what it read. */
export function withOverride(overrides: readonly ConfigOverride[], key: string, value: unknown): readonly ConfigOverride[] {
  if (value === undefined) return overrides.filter((override) => override.key !== key);
  if (!overrides.some((override) => override.key === key)) return [...overrides, { key, value }];
  return overrides.map((override) => (override.key === key ? { key, value } : override));
}

/** A setting for reading: text as it is, everything else as JSON; what holds nothing is empty. */
export function displayValue(value: unknown): string {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
