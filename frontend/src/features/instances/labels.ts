/** Labels as people type them: `env=prod, team=sales`. */
export interface ParsedLabels {
  readonly labels: Readonly<Record<string, string>>;
  readonly problems: readonly LabelProblem[];
}

/** `kind` is a message key under `labels.problem`; `text` is the part that is wrong. */
export interface LabelProblem {
  readonly kind: 'no-value' | 'bad-key' | 'bad-value' | 'twice' | 'too-many';
  readonly text: string;
}

// The limits of the API: 32 labels, keys and values of at most 63 characters.
const LABELS_MAX = 32;
const KEY = /^[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

function problemOf(part: string, taken: Record<string, string>): LabelProblem | null {
  const at = part.indexOf('=');
  if (at < 0) return { kind: 'no-value', text: part };
  const key = part.slice(0, at).trim();
  if (!KEY.test(key)) return { kind: 'bad-key', text: key === '' ? part : key };
  if (!VALUE.test(part.slice(at + 1).trim())) return { kind: 'bad-value', text: part.slice(at + 1).trim() };
  return Object.hasOwn(taken, key) ? { kind: 'twice', text: key } : null;
}

/** Reads one label per part, parts divided by commas or lines. What is wrong is named, the rest is kept. */
export function parseLabels(parts: string | readonly string[]): ParsedLabels {
  const list = typeof parts === 'string' ? parts.split(/[,\n]/) : parts;
  const labels: Record<string, string> = {};
  const problems: LabelProblem[] = [];
  for (const raw of list) {
    const part = raw.trim();
    if (part === '') continue;
    const problem = problemOf(part, labels);
    if (problem !== null) problems.push(problem);
    else labels[part.slice(0, part.indexOf('=')).trim()] = part.slice(part.indexOf('=') + 1).trim();
  }
  if (Object.keys(labels).length > LABELS_MAX) problems.push({ kind: 'too-many', text: String(LABELS_MAX) });
  return { labels, problems };
}

/** Labels as parts of text, sorted by key. */
export function labelParts(labels: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort((a, b) => a.localeCompare(b));
}

/** Whether the text is a selector the list can filter by: `a=b`, `a!=b` or `a`, divided by commas. */
export function isSelector(text: string): boolean {
  const parts = text.split(',').map((part) => part.trim());
  return parts.every((part) => {
    const match = /^([^=!]*)(?:!?=(.*))?$/.exec(part);
    return match !== null && KEY.test((match[1] ?? '').trim()) && VALUE.test((match[2] ?? '').trim());
  });
}
