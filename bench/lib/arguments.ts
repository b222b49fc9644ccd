import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';

/** What the command line asked for. */
export interface BenchRequest {
  readonly bench: Bench;
  /** File for the JSON; null = none. */
  readonly json: string | null;
  readonly options: ReadonlyMap<string, number>;
}

/** Reads `<name> [--json FILE] [--<option> N]`. Throws an Error with a sentence for a person; null = help was asked for. */
export function readRequest(argv: readonly string[], benches: readonly Bench[]): BenchRequest | null {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === 'help') return null;
  const bench = benches.find((candidate) => candidate.name === name);
  if (!bench) throw new Error(`There is no bench "${name}". Benches: ${benches.map((candidate) => candidate.name).join(', ')}.`);
  const { values } = parseArgs({
    args: rest,
    options: { json: { type: 'string' }, ...Object.fromEntries(bench.options.map((option) => [option.name, { type: 'string' as const }])) },
  });
  const given: Readonly<Record<string, string | undefined>> = values;
  const options = new Map(bench.options.map((option) => [option.name, numberOf(option.name, given[option.name]) ?? option.byDefault]));
  return { bench, json: given.json ?? null, options };
}

function numberOf(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,7}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
}

/** What can be asked for. */
export function helpText(benches: readonly Bench[]): string {
  const lines = benches.flatMap(({ name, what, options }) => [
    `  ${name.padEnd(12)} ${what}`,
    ...options.map((option) => `    --${option.name.padEnd(10)} ${option.what} (${option.byDefault})`),
  ]);
  return ['npm run bench -- <name> [--json FILE]', '', ...lines, ''].join('\n');
}
