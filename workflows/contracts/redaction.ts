/** What stands where a secret stood. */
export const REDACTED = '<redacted>';

type Rule = readonly [RegExp, string];

/** Forms by which a secret gives itself away, each with what is kept of it. Applied in this order. */
const RULES: readonly Rule[] = [
  // Credentials in an address, then what follows its question mark or hash.
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@"'<>]{1,500}@/gi, `$1${REDACTED}@`],
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s?#"'<>]{1,500})[?#][^\s"'<>]{1,2000}/gi, `$1?${REDACTED}`],
  [/\b(Bearer|Basic|Negotiate)\s+[^\s"',;]{4,}/gi, `$1 ${REDACTED}`],
  // name: value, name=value and "name":"value" of what is called like a secret.
  [
    /((?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|authorization|cookie|credentials?|setup[-_ ]?code)[\w-]{0,24}["']?\s{0,3}[:=]\s{0,3})("[^"]{0,2000}"|'[^']{0,2000}'|[^\s"',;}&)\]]{1,2000})/gi,
    `$1${REDACTED}`,
  ],
  [/-----BEGIN [A-Z ]{3,40}-----[\s\S]{0,10000}?-----END [A-Z ]{3,40}-----/g, REDACTED],
  // JWT and JWE.
  [/\beyJ[\w-]{6,}(?:\.[\w-]*){1,4}/g, REDACTED],
];
/** The same, and addresses of people. */
const PRIVATE_RULES: readonly Rule[] = [...RULES, [/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}/g, '<e-mail>']];

/** Our own keys and the usual ones of providers, also such as are short or look like words. */
const KEYS: readonly Rule[] = [
  [/\b(?:clp|clk|clh)_[\w-]{6,}/g, REDACTED],
  [/\b(?:sk|pk|rk|xox[abprs]|gh[opsu]|glpat|hf|gsk|AIza|AKIA)[-_]?[\w-]{12,}/g, REDACTED],
];

/** Ids that are no secrets and by which a supporter finds things: ours, UUIDs, digests of what runs. */
const ID = /\b(?:[a-z]{2,4}_[0-9a-hjkmnp-tv-z]{20}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b/g;
const LONG = /[A-Za-z0-9+/_=%-]{20,}/g;
/** One piece of a path or of a name in several words. */
const WORD = /^(?:[a-z]*\d{0,3}|[A-Z]?[a-z]+(?:[A-Z][a-z]{2,})*\d{0,2}|[A-Z]+|\d{1,8})$/;

/** Whether a run of characters may be a key of any kind: long, and as mixed as no word is. */
function isKeyLike(word: string): boolean {
  const rest = word.replace(ID, '');
  if (/^[0-9a-f]{24,}$/i.test(rest)) return true;
  return mixture(rest) >= 2 && !rest.split(/[/_=+-]/).every((piece) => WORD.test(piece));
}

function mixture(word: string): number {
  return [/[a-z]/, /[A-Z]/, /[0-9]/].filter((kind) => kind.test(word)).length;
}

/**
 * A text without what may be a secret: credentials in addresses, values of what is called like a secret, keys, tokens, e-mail
 * addresses, and any long mixture of letters and digits that is not one of our ids. Rather too much than too little. Pure.
 */
export function scrub(text: string): string {
  return withoutSecrets(text, PRIVATE_RULES);
}

function withoutSecrets(text: string, rules: readonly Rule[]): string {
  const mixed = follow(rules, text).replace(LONG, (word) => (isKeyLike(word) ? REDACTED : word));
  // Last, or what looks like such a key within a longer one would be taken out and leave its beginning, too short to be known by itself.
  return follow(KEYS, mixed);
}

function follow(rules: readonly Rule[], text: string): string {
  return rules.reduce((left, [pattern, kept]) => left.replace(pattern, kept), text);
}

/** Fields of a line of our own logs that are kept; what is not here is left out, whatever it is. */
const FIELDS: ReadonlySet<string> = new Set([
  ...['time', 'level', 'name', 'pid', 'msg', 'requestId', 'responseTime', 'req', 'res', 'err', 'method', 'path', 'status', 'type', 'code', 'kind'],
  ...['reason', 'message', 'stack', 'signal', 'hostId', 'instanceId', 'operationId', 'providerId', 'tenantId', 'slug', 'workflowId', 'runId', 'attempt'],
  ...['hosts', 'queues', 'workloads', 'unknown', 'refused', 'claws', 'isolation', 'limits', 'memory', 'cpu', 'action', 'problem', 'url', 'ms', 'part'],
  ...['taskQueue', 'activityType', 'workflowType', 'namespace', 'error', 'wf_id', 'run_id', 'service', 'component', 'version', 'isReady'],
]);
/** How PostgreSQL and others begin a line that repeats what was written. */
const QUOTES_CONTENT = /\b(?:STATEMENT|DETAIL|CONTEXT|QUERY|PARAMETERS|parameters):/;

function keptOf(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 4) return REDACTED;
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => keptOf(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => FIELDS.has(key))
      .map(([key, inner]) => [key, keptOf(inner, depth + 1)]),
  );
}

/** A line of a log as it may leave the machine, or null when it repeats content. JSON lines keep known fields only. */
export function redactLogLine(line: string): string | null {
  if (line.startsWith('{')) {
    try {
      return JSON.stringify(keptOf(JSON.parse(line)));
    } catch {
      // Cut off by a kill: judged like any other text.
    }
  }
  return line.startsWith('\t') || QUOTES_CONTENT.test(line) ? null : scrub(line);
}

const SECRET_NAME = /pass(?:word|wd|phrase)?|pwd|secret|token|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|authorization|cookie|credential|setup[-_ ]?code/i;
/** What only names a secret or says something of it. */
const ABOUT_SECRET = /[a-z0-9](?:[-_](?:ref|ids?|name|kind|type|state|at|count)|Ref|Ids?|Name|Kind|Type|State|At|Count)$/;
const LONGEST_TEXT = 10_000;
const DEEPEST = 30;

/** Whether a field of this name holds a secret, rather than saying something of one. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name) && !ABOUT_SECRET.test(name);

/**
 * A value of JSON in which no text is a secret: gone are the texts of fields called like one, or paired with such a name as `key` and `value`
 * are, and whatever looks like one in any other text. Addresses of people stay, very long texts are cut. Pure.
 */
export function redactSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return shortened(withoutSecrets(value, RULES));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth > DEEPEST) return REDACTED;
  if (Array.isArray(value)) return value.map((item) => redactSecrets(item, depth + 1));
  const fields = value as Record<string, unknown>;
  const isPair = [fields['key'], fields['name'], fields['path']].some((name) => typeof name === 'string' && isSecretName(name));
  return Object.fromEntries(
    Object.entries(fields).map(([name, inner]) => {
      const isSecret = isSecretName(name) || (isPair && name === 'value');
      return [name, isSecret && (typeof inner === 'string' || (name === 'value' && inner !== null)) ? REDACTED : redactSecrets(inner, depth + 1)];
    }),
  );
}

function shortened(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}… (${text.length} characters)` : text;
}
