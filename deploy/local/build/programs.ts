import { chmodSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { repositoryRoot } from '../platform.ts';

/** One finished program. */
export interface BuiltProgram {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
}

/**
 * Programs that are installed elsewhere, where Node does not strip types: each becomes one file. `claw` is read anew each time somebody
 * types it, so it is small; the daemon is read once, and its traces in a log should name what they name in the source.
 */
const programs = [
  { name: 'claw', entry: 'cli/main.ts', minify: 'oxc' },
  { name: 'claw-bridge', entry: 'bridge/daemon.ts', minify: false },
] as const;

async function bundle({ name, entry, minify }: (typeof programs)[number], outputFolder: string): Promise<BuiltProgram> {
  await build({
    configFile: false,
    root: repositoryRoot,
    logLevel: 'warn',
    tsconfig: join(repositoryRoot, 'tsconfig.base.json'),
    ssr: { noExternal: true },
    build: {
      ssr: join(repositoryRoot, entry),
      outDir: outputFolder,
      emptyOutDir: false,
      target: 'node24',
      minify,
      rolldownOptions: { output: { entryFileNames: `${name}.mjs`, codeSplitting: false } },
    },
  });
  const file = join(outputFolder, `${name}.mjs`);
  if (!existsSync(file)) throw new Error(`${name} was not built.`);
  chmodSync(file, 0o755);
  return { name, file, bytes: statSync(file).size };
}

/** Empties `outputFolder` and writes each program into it as one file that runs anywhere with Node 24. */
export async function buildPrograms(outputFolder: string): Promise<BuiltProgram[]> {
  rmSync(outputFolder, { recursive: true, force: true });
  mkdirSync(outputFolder, { recursive: true });
  const built: BuiltProgram[] = [];
  for (const program of programs) built.push(await bundle(program, outputFolder));
  return built;
}
