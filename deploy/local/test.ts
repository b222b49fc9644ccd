import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatePrismaClient } from './build/artifacts.ts';
import { repositoryRoot } from './platform.ts';
import { findBrowser } from './testing/browser.ts';
import type { SuiteSummary } from './testing/summary-reporter.ts';
import { resolvePostgres } from './tools/postgres.ts';
import { resolveTool } from './tools/resolve.ts';

/** A suite is a vitest project; `needs` are fetched while earlier suites run. */
interface Suite {
  readonly name: string;
  readonly what: string;
  readonly needs: readonly (() => Promise<unknown>)[];
}

const postgres = () => resolvePostgres();
const temporal = () => resolveTool('temporal', say);
const wholePlatform = [postgres, temporal, () => resolveTool('seaweedfs', say), () => resolveTool('litellm', say)];

const suites: readonly Suite[] = [
  { name: 'unit', what: 'pure logic', needs: [] },
  { name: 'integration', what: 'with a real PostgreSQL, Temporal and platform', needs: wholePlatform },
  { name: 'drivers', what: 'runtime drivers and real claws', needs: [postgres, temporal] },
  { name: 'faults', what: 'the whole platform with processes killed', needs: wholePlatform },
  { name: 'journey', what: 'the whole platform in a real browser', needs: [...wholePlatform, () => findBrowser(say)] },
];

function say(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

/** Runs one suite; a suite that ends without a summary or without any test counts as one failure. */
async function runSuite(suite: Suite, filters: readonly string[], scratch: string): Promise<SuiteSummary> {
  const summaryFile = join(scratch, `${suite.name}.json`);
  const vitest = join(repositoryRoot, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', `--reporter=${join(repositoryRoot, 'deploy/local/testing/summary-reporter.ts')}`];
  console.log(`\n== ${suite.name}: ${suite.what}`);
  await new Promise<void>((resolve) => {
    const child = spawn(process.execPath, [...process.execArgv, vitest, 'run', '--project', suite.name, ...reporters, ...filters], {
      cwd: repositoryRoot,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, CLAWLOOPS_TEST_SUMMARY: summaryFile },
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
  if (!existsSync(summaryFile)) {
    console.log(`${suite.name} ended without a result.`);
    return { passed: 0, failed: 1, failures: [{ name: suite.name, reason: 'It ended without a result.' }], skipped: [] };
  }
  const summary = JSON.parse(readFileSync(summaryFile, 'utf8')) as SuiteSummary;
  if (summary.passed + summary.failed + summary.skipped.length > 0 || filters.length > 0) return summary;
  console.log(`${suite.name} has no tests.`);
  return { ...summary, failed: 1, failures: [{ name: suite.name, reason: 'It has no tests.' }] };
}

/** Tools are fetched from the start, so that the first suites run meanwhile; a failure is told by the suite that needs them. */
function fetchTools(wanted: readonly Suite[]): Map<string, Promise<unknown>> {
  const fetched = new Map<string, Promise<unknown>>();
  for (const suite of wanted) {
    const all = Promise.all(suite.needs.map((fetch) => fetch()));
    all.catch(() => undefined);
    fetched.set(suite.name, all);
  }
  return fetched;
}

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...filters] = argv;
  const wanted = name ? suites.filter((suite) => suite.name === name) : suites;
  if (wanted.length === 0) throw new Error(`There is no suite "${name}". Suites: ${suites.map((suite) => suite.name).join(', ')}.`);
  await generatePrismaClient(repositoryRoot);
  const fetched = fetchTools(wanted);
  const scratch = mkdtempSync(join(tmpdir(), 'clawloops-results-'));
  let passed = 0;
  let failed = 0;
  const failures: SuiteSummary['failures'][number][] = [];
  const skipped: SuiteSummary['skipped'][number][] = [];
  try {
    for (const suite of wanted) {
      await fetched.get(suite.name)?.catch((error: Error) => say(`${suite.name}: ${error.message}`));
      const summary = await runSuite(suite, filters, scratch);
      passed += summary.passed;
      failed += summary.failed;
      failures.push(...summary.failures);
      skipped.push(...summary.skipped);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  console.log('');
  for (const { name: test, reason } of skipped) console.log(`skipped: ${test} (${reason})`);
  for (const { name: test, reason } of failures) console.log(`failed: ${test}\n  ${reason.replaceAll('\n', '\n  ')}`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  say((error as Error).message);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
