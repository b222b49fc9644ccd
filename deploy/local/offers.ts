import pg from 'pg';
import { ProviderKind } from '../../workflows/contracts/model.ts';

/** A model provider that this machine seems to have already. Found, named, and left alone until a person adds it. */
export interface Offer {
  readonly kind: ProviderKind;
  readonly found: string;
  /** What to type to take it. Holds the name of a variable, never its value. */
  readonly command: string;
}

export interface OfferSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where Ollama answers, without a path. */
  readonly ollamaUrl: string;
  /** Kinds that somebody has added already. */
  readonly added: ReadonlySet<string>;
}

const KEY_VARIABLES = [
  { kind: ProviderKind.openai, variable: 'OPENAI_API_KEY', model: 'gpt-5' },
  { kind: ProviderKind.anthropic, variable: 'ANTHROPIC_API_KEY', model: 'claude-sonnet-4-5' },
  { kind: ProviderKind.gemini, variable: 'GEMINI_API_KEY', model: 'gemini-2.5-pro' },
  { kind: ProviderKind.openrouter, variable: 'OPENROUTER_API_KEY', model: 'meta-llama/llama-3.3-70b-instruct' },
] as const;

const OLLAMA_PATIENCE_MS = 1_000;
const OLLAMA_MODELS_SHOWN = 3;
const ADD = 'npm run -s claw -- provider add';

/** Where Ollama listens on this machine: `OLLAMA_HOST` as Ollama itself reads it, else its usual port. */
export function ollamaAddress(env: OfferSources['env']): string {
  const host = env.OLLAMA_HOST?.trim() || '127.0.0.1:11434';
  const url = new URL(/^https?:\/\//.test(host) ? host : `http://${host}`);
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.port === '' && !/^https?:\/\//.test(host)) url.port = '11434';
  return url.origin;
}

/** Looks for provider keys in the environment and for an Ollama that answers. Never fails and never takes anything. */
export async function findOffers({ env, ollamaUrl, added }: OfferSources): Promise<Offer[]> {
  const keys = KEY_VARIABLES.filter(({ kind, variable }) => env[variable]?.trim() && !added.has(kind)).map(({ kind, variable, model }) => ({
    kind,
    found: `${variable} is set`,
    command: `printenv ${variable} | ${ADD} --kind ${kind} --name ${kind} --model ${model} --key-stdin`,
  }));
  const models = added.has(ProviderKind.ollama) ? [] : await ollamaModels(ollamaUrl);
  if (models.length === 0) return keys;
  const shown = models.slice(0, OLLAMA_MODELS_SHOWN);
  const found = `Ollama answers at ${ollamaUrl} with ${models.length === 1 ? models[0] : `${models.length} models`}`;
  const flags = shown.map((model) => `--model ${model}`).join(' ');
  return [...keys, { kind: ProviderKind.ollama, found, command: `${ADD} --kind ollama --name ollama --base-url ${ollamaUrl} ${flags}` }];
}

/** Names of the models it has; empty when nothing that looks like Ollama answers. Only names that need no quoting in a shell. */
async function ollamaModels(ollamaUrl: string): Promise<string[]> {
  try {
    const answer = await fetch(`${ollamaUrl}/api/tags`, { signal: AbortSignal.timeout(OLLAMA_PATIENCE_MS), redirect: 'error' });
    const { models } = (await answer.json()) as { models?: readonly { name?: unknown }[] };
    return (models ?? []).map(({ name }) => String(name)).filter((name) => /^[\w./:-]{1,100}$/.test(name));
  } catch {
    return [];
  }
}

/** Kinds of the providers that exist in any tenant; none when the database cannot say. */
export async function addedProviderKinds(ownerUrl: string): Promise<Set<string>> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ kind: string }>('SELECT DISTINCT kind FROM provider');
    return new Set(rows.map((row) => row.kind));
  } catch {
    return new Set();
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The lines that `up` prints; empty without offers. */
export function describeOffers(offers: readonly Offer[]): string {
  if (offers.length === 0) return '';
  const lines = offers.map(({ found, command }) => `  ${found}. To use it, after signing in:\n    ${command}\n`);
  return `  Models found on this machine; none is used until you add it:\n\n${lines.join('\n')}\n`;
}
