import { parseArgs } from 'node:util';
import { repositoryRoot } from '../platform.ts';
import { dataDirectory } from '../supervisor/arguments.ts';

/** What `backup` and `restore` are told. Paths are as they were typed. */
export interface BackupArguments {
  readonly file: string | null;
  readonly to: string | null;
  readonly dataDir: string;
  readonly verify: boolean;
  readonly passphraseStdin: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

const OPTIONS = {
  to: { type: 'string' },
  data: { type: 'string' },
  verify: { type: 'boolean' },
  'passphrase-stdin': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Parses a command line; `allowed` names the options of the command. Throws on everything else. */
export function parseBackupArguments(argv: readonly string[], allowed: readonly (keyof typeof OPTIONS)[]): BackupArguments {
  const options = Object.fromEntries(['help' as const, ...allowed].map((name) => [name, OPTIONS[name]])) as typeof OPTIONS;
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  if (positionals.length > 1) throw new Error(`One file at most, not ${positionals.length}: ${positionals.join(', ')}.`);
  return {
    file: positionals[0] ?? null,
    to: values.to ?? null,
    dataDir: dataDirectory(repositoryRoot, { ...process.env, ...(values.data ? { CLAWLOOPS_DATA_DIR: values.data } : {}) }),
    verify: values.verify ?? false,
    passphraseStdin: values['passphrase-stdin'] ?? false,
    json: values.json ?? false,
    help: values.help ?? false,
  };
}
