import { join, resolve } from 'node:path';

/** Options that `up`, `down` and `status` share. */
export interface Arguments {
  readonly detach: boolean;
  readonly json: boolean;
  readonly reset: boolean;
  readonly yes: boolean;
  readonly help: boolean;
}

const known: Record<string, keyof Arguments> = {
  '--detach': 'detach',
  '-d': 'detach',
  '--json': 'json',
  '--reset': 'reset',
  '--yes': 'yes',
  '-y': 'yes',
  '--help': 'help',
  '-h': 'help',
};

/** Parses the command line; throws on a word it does not know or that `allowed` lacks. */
export function parseArguments(argv: readonly string[], allowed: readonly (keyof Arguments)[]): Arguments {
  const parsed = { detach: false, json: false, reset: false, yes: false, help: false };
  for (const word of argv) {
    const name = known[word];
    if (!name || !(name === 'help' || allowed.includes(name)))
      throw new Error(`Unknown option "${word}". Known: ${allowed.map((option) => `--${option}`).join(', ')}.`);
    parsed[name] = true;
  }
  return parsed;
}

/** The data folder: `CLAWLOOPS_DATA_DIR`, else `.clawloops` in the clone. */
export function dataDirectory(root: string, env: NodeJS.ProcessEnv = process.env): string {
  return env.CLAWLOOPS_DATA_DIR ? resolve(env.CLAWLOOPS_DATA_DIR) : join(root, '.clawloops');
}

/** The pinned portal port of `CLAWLOOPS_PORT`, or null. Throws when it is no port number. */
export function pinnedPort(env: NodeJS.ProcessEnv = process.env): number | null {
  if (!env.CLAWLOOPS_PORT) return null;
  const port = Number(env.CLAWLOOPS_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error('CLAWLOOPS_PORT must be a number between 1 and 65535.');
  return port;
}
