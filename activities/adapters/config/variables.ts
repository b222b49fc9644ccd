import type { ConfigDocument, ConfigVariable } from '../../../workflows/contracts/config.ts';
import type { FieldError } from '../../../workflows/contracts/failures.ts';
import { isPlainObject } from '../canonical.ts';
import { pointerSegment } from '../overrides.ts';
import type { SecretReference } from './paths.ts';

const PLACEHOLDER = /\{\{\s*vars\.([A-Za-z0-9_]{1,64})\s*\}\}/g;
const ONLY = /^\{\{\s*vars\.([A-Za-z0-9_]{1,64})\s*\}\}$/;

/** Stands for what is not there: a variable without a value leaves its setting out. */
const NOTHING = Symbol('nothing');

export type VariableValues = Readonly<Record<string, unknown>>;

/** Settings in which every placeholder is replaced, and what is wrong with them; `path` is a pointer into the settings. */
export function fillVariables(
  document: ConfigDocument,
  values: VariableValues,
): { readonly settings: Record<string, unknown>; readonly errors: readonly FieldError[] } {
  const declared = new Map(document.variables.map((variable) => [variable.name, variable]));
  const errors: FieldError[] = [];
  const fill = (value: unknown, at: string): unknown => {
    if (typeof value === 'string') return fillText(value, at);
    if (Array.isArray(value)) return value.map((member, index) => fill(member, `${at}/${index}`)).filter((member) => member !== NOTHING);
    if (!isPlainObject(value)) return value;
    const members = Object.entries(value).map(([name, member]): [string, unknown] => [name, fill(member, `${at}/${pointerSegment(name)}`)]);
    return Object.fromEntries(members.filter(([, member]) => member !== NOTHING));
  };
  const fillText = (text: string, at: string): unknown => {
    const only = ONLY.exec(text)?.[1];
    if (only !== undefined) return resolve(only, at);
    return text.replaceAll(PLACEHOLDER, (_all, name: string) => {
      if (declared.get(name)?.secret) errors.push({ path: at, message: `vars.${name} is a secret, which cannot be a part of a text` });
      const value = resolve(name, at);
      return value === NOTHING ? '' : typeof value === 'string' ? value : JSON.stringify(value);
    });
  };
  const resolve = (name: string, at: string): unknown => {
    const variable = declared.get(name);
    if (!variable) {
      errors.push({ path: at, message: `vars.${name} is not one of the variables of this config` });
      return NOTHING;
    }
    const value = given(values, variable);
    if (value === undefined) return NOTHING;
    return variable.secret ? ({ secret: String(value) } satisfies SecretReference) : value;
  };
  const settings = fill(document.settings, '');
  return { settings: isPlainObject(settings) ? settings : {}, errors };
}

/** What is wrong with the values that somebody gives; `path` is a pointer into the values. */
export function valueErrors(variables: readonly ConfigVariable[], values: VariableValues): readonly FieldError[] {
  const missing = variables
    .filter((variable) => variable.required && given(values, variable) === undefined)
    .map(({ name, description }) => ({ path: `/${name}`, message: `a value is needed for the variable ${name}${description ? ` (${description})` : ''}` }));
  const wrong = Object.entries(values).flatMap(([name, value]): FieldError[] => {
    const same = variables.filter((variable) => variable.name === name);
    if (same.length === 0) return [{ path: `/${pointerSegment(name)}`, message: `${name} is not a variable of the configs of this instance` }];
    return same.filter((variable) => !fits(variable, value)).map((variable) => ({ path: `/${name}`, message: `${name} must be ${wordsOf(variable)}` }));
  });
  return [...missing, ...wrong];
}

/** What is wrong with the variables themselves; `path` is a pointer into them. */
export function variableErrors(variables: readonly ConfigVariable[]): readonly FieldError[] {
  return variables.flatMap((variable, index): FieldError[] => {
    const errors: FieldError[] = [];
    if (variables.findIndex(({ name }) => name === variable.name) < index)
      errors.push({ path: `/${index}/name`, message: `${variable.name} stands there twice` });
    if (variable.secret && variable.type !== 'string') errors.push({ path: `/${index}/type`, message: 'a secret is a string: the name of a stored secret' });
    if (variable.default !== undefined && !fits(variable, variable.default))
      errors.push({ path: `/${index}/default`, message: `must be ${wordsOf(variable)}` });
    return errors;
  });
}

/** What stands for a text that nobody has given yet. */
export const SAMPLE_TEXT = 'value-of-a-variable';

/** Values that fit the variables which have none, to look at a config before anybody uses it. */
export function sampleValues(variables: readonly ConfigVariable[]): VariableValues {
  const samples = { string: SAMPLE_TEXT, number: 1, boolean: true, list: [] } as const;
  return Object.fromEntries(variables.filter((variable) => variable.default === undefined).map(({ name, type }) => [name, samples[type]]));
}

/** Names of the variables that a value has placeholders for. */
export function namesIn(value: unknown): readonly string[] {
  return [...(JSON.stringify(value) ?? '').matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

function given(values: VariableValues, variable: ConfigVariable): unknown {
  return Object.hasOwn(values, variable.name) ? values[variable.name] : variable.default;
}

function fits({ type }: ConfigVariable, value: unknown): boolean {
  return type === 'list' ? Array.isArray(value) && value.every((member) => typeof member === 'string') : typeof value === type;
}

function wordsOf({ type, secret }: ConfigVariable): string {
  if (secret) return 'the name of a stored secret';
  return type === 'list' ? 'a list of texts' : `a ${type}`;
}
