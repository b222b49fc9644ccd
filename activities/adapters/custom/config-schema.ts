import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { FieldError } from '../../../workflows/contracts/failures.ts';
import type { ConfigOverride } from '../../../workflows/contracts/instance.ts';
import { isPlainObject } from '../canonical.ts';
import { nestOverrides, pointerSegment, refuseErrors } from '../overrides.ts';

/** Settings of a type that declares none. */
const NO_SETTINGS = { type: 'object', additionalProperties: false } as const;

const PATTERN_CHARACTERS = 500;
/** Each may double what is tried before a text is refused. */
const CHOICES = 20;

type Compiled = { readonly ok: true; readonly validate: ValidateFunction } | { readonly ok: false; readonly message: string };

/** Compiles the JSON Schema (draft 7) of a type's settings. Defaults are filled in while validating; remote references are refused. */
export function compileConfigSchema(schema: Readonly<Record<string, unknown>> = NO_SETTINGS): Compiled {
  if (schema['type'] !== 'object') return { ok: false, message: 'the settings are an object: type must be object' };
  const pattern = slowPatternIn(schema);
  if (pattern !== null)
    return {
      ok: false,
      message: `the pattern ${JSON.stringify(pattern.slice(0, 80))} may take very long: repeat no group that itself repeats or chooses, and choose at most ${CHOICES} times`,
    };
  try {
    // One instance per type: schemas are named by nobody and must not meet each other.
    const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: true, strictTypes: false, strictRequired: false, strictTuples: false, logger: false });
    return { ok: true, validate: ajv.compile(schema) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : 'the schema cannot be read' };
  }
}

/** The settings as one object with defaults. Throws INVALID_CONFIG naming each wrong override by its JSON pointer. */
export function parseCustomConfig(validate: ValidateFunction, overrides: readonly ConfigOverride[]): Record<string, unknown> {
  const { value, errors, locate } = nestOverrides(overrides);
  refuseErrors(errors);
  const config = structuredClone(value);
  if (!validate(config)) refuseErrors((validate.errors ?? []).map((error) => fieldError(error, locate)));
  return config;
}

/**
 * A pattern that could hold up the whole process on a hostile text, or null: a repeated group in which something repeats or is chosen
 * can match the same text in exponentially many ways.
 */
function slowPatternIn(schema: unknown): string | null {
  if (Array.isArray(schema)) return schema.map(slowPatternIn).find((pattern) => pattern !== null) ?? null;
  if (!isPlainObject(schema)) return null;
  const patterns = [schema['pattern'], ...Object.keys(isPlainObject(schema['patternProperties']) ? schema['patternProperties'] : {})];
  const slow = patterns.find((pattern): pattern is string => typeof pattern === 'string' && (pattern.length > PATTERN_CHARACTERS || triesTooMuch(pattern)));
  return slow ?? slowPatternIn(Object.values(schema));
}

/** One piece of a pattern without escapes and classes: the beginning or end of a group, a bar, a repetition, or a character. */
const PIECE = /\((?:\?(?:[:=!]|<[=!]|<\w+>))?|\)|\||([*+?]|\{\d+(?:,\d*)?\})\??|./gs;

/** Whether a group that chooses is repeated at will, or the choices, counted as often as they are repeated, are too many to try them all. */
function triesTooMuch(pattern: string): boolean {
  const text = pattern.replace(/\\./gs, 'x').replace(/\[[^\]]*\]/g, 'x');
  const around: { choices: number; bars: number }[] = [];
  let group = { choices: 0, bars: 0 };
  /** Choices in what stands before a repetition. */
  let before = 0;
  for (const [piece, repetition] of text.matchAll(PIECE)) {
    if (repetition !== undefined) {
      const exactly = /^\{(\d+)\}$/.exec(repetition)?.[1];
      if (exactly === undefined && before > 0 && repetition !== '?') return true;
      group.choices += exactly === undefined ? 1 : before * Math.max(0, Number(exactly) - 1);
    }
    before = 0;
    if (piece === '|') group.bars = 1;
    if (piece.startsWith('(')) {
      around.push(group);
      group = { choices: 0, bars: 0 };
    }
    if (piece === ')') {
      before = group.choices + group.bars;
      group = around.pop() ?? group;
      group.choices += before;
    }
  }
  return group.choices + group.bars > CHOICES;
}

function fieldError(error: ErrorObject, locate: (pointer: string) => string): FieldError {
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty']);
    const pointer = `${error.instancePath}/${pointerSegment(key)}`;
    return { path: locate(pointer), message: `${dotted(pointer)} is not a setting of this type` };
  }
  const allowed = error.keyword === 'enum' ? `: ${JSON.stringify(error.params['allowedValues'])}` : '';
  return { path: locate(error.instancePath), message: `${dotted(error.instancePath) || 'the settings'} ${error.message ?? 'is not valid'}${allowed}` };
}

function dotted(pointer: string): string {
  return pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
}
