import { isPlainObject } from '../canonical.ts';
import { valueAt } from '../overrides.ts';

/** What a template may look up: nested plain data, nothing callable. */
export type TemplateScope = Readonly<Record<string, unknown>>;

/** A template that cannot be read or filled. `message` says which expression and why. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TemplateError';
  }
}

/** `{{ path.to.value | filter | filter(literal) }}`, or a JSON string instead of the path. */
interface Expression {
  readonly source: string;
  readonly literal: string | null;
  readonly path: readonly string[];
  readonly fallback: { readonly value: unknown } | null;
  readonly asJson: boolean;
}

/** A parsed template: text and expressions in turn. */
export type Template = readonly (string | Expression)[];

const PATH = /^[A-Za-z_][\w-]*(?:\.[\w-]+)*$/;
const STRING = String.raw`"(?:[^"\\]|\\.)*"`;
/** One expression; strings inside it may hold braces and bars. */
const EXPRESSION = new RegExp(String.raw`\{\{((?:${STRING}|[^"{}]|\{(?!\{)|\}(?!\}))*)\}\}`, 'g');
const PART = new RegExp(`(?:${STRING}|[^"|])+`, 'g');

/** Reads a template. Throws TemplateError for an expression that is none of the fixed small set. */
export function parseTemplate(text: string): Template {
  const parts: (string | Expression)[] = [];
  let end = 0;
  for (const match of text.matchAll(EXPRESSION)) {
    parts.push(plain(text.slice(end, match.index)), parseExpression(match[1] ?? ''));
    end = match.index + match[0].length;
  }
  parts.push(plain(text.slice(end)));
  return parts;
}

/** Paths that a template looks up. */
export function lookupsOf(template: Template): readonly (readonly string[])[] {
  return template.flatMap((part) => (typeof part === 'string' || part.literal !== null ? [] : [part.path]));
}

/** Fills a template. Throws TemplateError for a value that is missing without a default, or that is no text and not passed through `json`. */
export function fillTemplate(template: Template, scope: TemplateScope): string {
  return template.map((part) => (typeof part === 'string' ? part : fill(part, scope))).join('');
}

function plain(text: string): string {
  if (text.includes('{{')) throw new TemplateError('an expression has no end: {{ needs }}');
  return text;
}

function parseExpression(source: string): Expression {
  const [subject = '', ...filters] = (source.match(PART) ?? []).map((part) => part.trim());
  const literal = subject.startsWith('"') ? parseLiteral(subject, source) : null;
  if (literal !== null && typeof literal !== 'string') throw unreadable(source);
  if (literal === null && !PATH.test(subject)) throw unreadable(source);
  const base: Expression = { source: source.trim(), literal, path: literal === null ? subject.split('.') : [], fallback: null, asJson: false };
  return filters.reduce((expression, filter) => withFilter(expression, filter), base);
}

function withFilter(expression: Expression, filter: string): Expression {
  if (filter === 'json') return { ...expression, asJson: true };
  const fallback = /^default\s*\((.*)\)$/s.exec(filter)?.[1];
  if (fallback !== undefined && !expression.asJson) return { ...expression, fallback: { value: parseLiteral(fallback, expression.source) } };
  throw new TemplateError(`{{ ${expression.source} }}: there are the filters default(<JSON value>) and json, in this order`);
}

function parseLiteral(text: string, source: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw unreadable(source);
  }
}

function unreadable(source: string): TemplateError {
  return new TemplateError(`{{ ${source.trim().slice(0, 80)} }} is no lookup such as config.greeting or ports.http`);
}

function fill(expression: Expression, scope: TemplateScope): string {
  const value = expression.literal ?? valueAt(scope, expression.path);
  const found = (value === undefined || value === null) && expression.fallback ? expression.fallback.value : value;
  if (found === undefined || (found === null && !expression.asJson)) throw new TemplateError(`{{ ${expression.source} }} has no value and no default`);
  if (expression.asJson) return JSON.stringify(found);
  if (isPlainObject(found) || Array.isArray(found)) throw new TemplateError(`{{ ${expression.source} }} is not text: use the filter json`);
  return String(found);
}
