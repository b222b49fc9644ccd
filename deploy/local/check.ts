import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatePrismaClient } from './build/artifacts.ts';
import { repositoryRoot } from './platform.ts';

/** One thing that `npm run check` verifies. */
interface Check {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly howToRepair: string;
}

interface Outcome {
  readonly check: Check;
  readonly passed: boolean;
  readonly output: string;
  readonly seconds: number;
}

const codeFolders = ['workflows', 'activities', 'api', 'prisma', 'frontend', 'cli', 'bridge', 'deploy', 'bench'];

const checks: readonly Check[] = [
  { title: 'Types of the servers', command: 'tsc6', args: ['--noEmit', '-p', 'tsconfig.node.json'], howToRepair: 'Correct the lines above.' },
  { title: 'Types of the workflows', command: 'tsc6', args: ['--noEmit', '-p', 'tsconfig.workflows.json'], howToRepair: 'Correct the lines above.' },
  { title: 'Types of the portal', command: 'vue-tsc', args: ['--noEmit', '-p', 'frontend/tsconfig.json'], howToRepair: 'Correct the lines above.' },
  {
    title: 'Format and lint',
    command: 'biome',
    args: ['check', '--error-on-warnings', '--max-diagnostics=30', '.'],
    howToRepair: 'npx biome check --write . repairs most of it.',
  },
  {
    title: 'Import rules',
    command: 'depcruise',
    args: ['--config', '.dependency-cruiser.cjs', ...codeFolders.filter((folder) => existsSync(join(repositoryRoot, folder)))],
    howToRepair: 'The rules are in .dependency-cruiser.cjs.',
  },
  { title: 'Unused code', command: 'knip', args: ['--no-progress'], howToRepair: 'Remove what nobody uses.' },
];

function runCheck(check: Check): Promise<Outcome> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(repositoryRoot, 'node_modules', '.bin', check.command), ...check.args], {
      cwd: repositoryRoot,
      env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }), NODE_NO_WARNINGS: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.on('error', (error) => (output += error.message));
    child.on('close', (code) => resolve({ check, passed: code === 0, output: output.trim(), seconds: Math.round((performance.now() - startedAt) / 1000) }));
  });
}

function report({ check, passed, output, seconds }: Outcome): void {
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${check.title} (${seconds} s)`);
  if (!passed) console.log(`\n${output}\n\n  ${check.howToRepair}\n`);
}

/** Two at a time: the machine we promise to run on has two cores, and each check fills one. */
async function runAll(): Promise<Outcome[]> {
  const queue = [...checks];
  const outcomes: Outcome[] = [];
  const lane = async () => {
    for (let check = queue.shift(); check; check = queue.shift()) {
      const outcome = await runCheck(check);
      report(outcome);
      outcomes.push(outcome);
    }
  };
  await Promise.all([lane(), lane()]);
  return outcomes;
}

await generatePrismaClient(repositoryRoot);
const outcomes = await runAll();
const failed = outcomes.filter((outcome) => !outcome.passed).length;
if (process.env.CLAWLOOPS_CHECK_SUMMARY) writeFileSync(process.env.CLAWLOOPS_CHECK_SUMMARY, JSON.stringify({ passed: outcomes.length - failed, failed }));
console.log(failed === 0 ? 'All checks passed.' : `${failed} of ${outcomes.length} checks failed.`);
process.exit(failed === 0 ? 0 : 1);
