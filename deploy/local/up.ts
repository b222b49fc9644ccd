import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { addedProviderKinds, describeOffers, findOffers, ollamaAddress } from './offers.ts';
import { type Platform, type Progress, partsToStart, repositoryRoot, startPlatform } from './platform.ts';
import { listProgress, type ProgressView, plainProgress } from './progress.ts';
import { type Arguments, dataDirectory, parseArguments, pinnedPort } from './supervisor/arguments.ts';
import { judgeCapacity, measureCapacity } from './supervisor/capacity.ts';
import { AlreadyRunning, holderOf } from './supervisor/data-lock.ts';
import { openHomes } from './supervisor/homes.ts';
import { resetData } from './supervisor/reset.ts';

const usage = `npm run up [-- options]     start ClawLoops on this machine

  --detach   keep it running in the background and return when all is healthy
  --json     with --detach: print one JSON line {"url","setupToken","temporalUi","dataDir"}
  --reset    first delete everything stored so far (asks; --yes answers)

  CLAWLOOPS_DATA_DIR   where the data lives (default: .clawloops in this clone)
  CLAWLOOPS_PORT       port of the portal (default: chosen once and remembered)
  CLAWLOOPS_CACHE      where fetched tools are kept
  CLAWLOOPS_PARTS      for development: only these parts and what they need, e.g. postgres,temporal
`;

/** What the background supervisor tells the command that started it. */
type Message = { kind: 'progress'; progress: Progress } | { kind: 'ready'; summary: Summary; offers: string } | { kind: 'failed'; text: string };

interface Summary {
  readonly url: string | null;
  readonly setupToken: string | null;
  readonly temporalUi: string | null;
  readonly dataDir: string;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function summaryOf(platform: Platform): Summary {
  return {
    url: platform.has('api') ? platform.url : null,
    setupToken: platform.setupToken,
    temporalUi: platform.has('temporal') ? platform.temporalUi : null,
    dataDir: platform.dataDir,
  };
}

async function confirmReset(dataDir: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) throw new Error('--reset deletes all data. Add --yes to confirm it in a script.');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`This deletes every instance, its data and all settings in ${dataDir}. Type "delete" to go on: `);
    return answer.trim().toLowerCase() === 'delete';
  } finally {
    prompt.close();
  }
}

function preflight(dataDir: string): void {
  const homes = openHomes(dataDir);
  const { problems, warnings, clawsThatFit } = judgeCapacity(measureCapacity(homes.dataDir));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  for (const warning of warnings) say(`  ${warning}`);
  say(`  Room for about ${clawsThatFit} claws of 1 GiB on this machine.`);
  if (homes.elsewhere) say(`  Claws and the database cannot reach ${homes.dataDir} under their own users; their files are in ${homes.elsewhere}.`);
}

function printSummary({ url, setupToken, temporalUi, dataDir }: Summary, howToStop: string): void {
  const lines: [string, string | null][] = [
    ['Portal', url],
    ['Set up the first admin (works once)', url && setupToken ? `${url}/setup#code=${setupToken}` : null],
    ['Temporal', temporalUi],
    ['Data', dataDir],
    ['Stop', howToStop],
  ];
  const shown = lines.filter((line): line is [string, string] => line[1] !== null);
  const width = Math.max(...shown.map(([label]) => label.length));
  const text = shown.map(([label, value]) => `  ${label.padEnd(width)}  ${value}\n`).join('');
  process.stdout.write(`\n${text}\n`);
}

/** Only a platform that can take a provider is worth offering one. */
async function offersFor(platform: Platform): Promise<string> {
  if (!platform.has('api')) return '';
  const added = await addedProviderKinds(platform.databaseUrls.owner);
  return describeOffers(await findOffers({ env: process.env, ollamaUrl: ollamaAddress(process.env), added }));
}

function wantedParts(): string[] | undefined {
  return process.env.CLAWLOOPS_PARTS?.split(',').map((name) => name.trim());
}

/** Ctrl-C, `npm run down` and a closing terminal all end in the same clean stop. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => controller.abort(new Error('The start was interrupted.')));
  return controller.signal;
}

async function runUntilStopped(dataDir: string, view: ProgressView, onReady: (platform: Platform, offers: string) => void): Promise<void> {
  const signal = stopSignal();
  let platform: Platform;
  try {
    platform = await startPlatform({
      dataDir,
      port: pinnedPort(),
      preferredPort: 7700,
      parts: wantedParts(),
      signal,
      onProgress: (progress) => view.show(progress),
    });
  } finally {
    await view.close();
  }
  onReady(platform, await offersFor(platform));
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  say('  Stopping ...');
  const startedAt = performance.now();
  await platform.stop();
  say(`  Stopped after ${((performance.now() - startedAt) / 1000).toFixed(1)} s. The data is kept.`);
}

async function runInForeground(dataDir: string): Promise<void> {
  const view = process.stderr.isTTY && process.stdout.isTTY ? listProgress(partsToStart(wantedParts())) : plainProgress(say);
  await runUntilStopped(dataDir, view, (platform, offers) => {
    printSummary(summaryOf(platform), 'Ctrl-C here, or npm run down');
    process.stdout.write(offers);
  });
}

/** The background half of `--detach`: reports to its parent until ready, then lives on alone. */
async function runInBackground(dataDir: string): Promise<void> {
  const tell = (message: Message) => {
    if (process.connected) process.send?.(message);
  };
  const view: ProgressView = { show: (progress) => tell({ kind: 'progress', progress }), close: async () => undefined };
  try {
    await runUntilStopped(dataDir, view, (platform, offers) => {
      tell({ kind: 'ready', summary: summaryOf(platform), offers });
      if (process.connected) process.disconnect();
    });
  } catch (error) {
    tell({ kind: 'failed', text: (error as Error).message });
    throw error;
  }
}

async function startInBackground(dataDir: string, json: boolean): Promise<void> {
  const logs = join(dataDir, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const log = openSync(join(logs, 'supervisor.log'), 'a', 0o600);
  const child = spawn(process.execPath, [...process.execArgv, import.meta.filename], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, CLAWLOOPS_BACKGROUND: '1' },
    cwd: repositoryRoot,
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill('SIGTERM'));
  const view = plainProgress(say);
  const { summary, offers } = await new Promise<Message & { kind: 'ready' }>((resolve, reject) => {
    let failure: string | null = null;
    child.on('message', (message: Message) => {
      if (message.kind === 'progress') view.show(message.progress);
      if (message.kind === 'ready') resolve(message);
      if (message.kind === 'failed') failure = message.text;
    });
    child.on('exit', (code, signal) =>
      reject(new Error(failure ?? `The supervisor ended with ${signal ?? `code ${code}`}. Its log: ${join(logs, 'supervisor.log')}`)),
    );
  });
  child.unref();
  if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else printSummary(summary, 'npm run down');
  (json ? process.stderr : process.stdout).write(offers);
  process.exit(0);
}

async function main(options: Arguments): Promise<void> {
  const dataDir = dataDirectory(repositoryRoot);
  if (process.env.CLAWLOOPS_BACKGROUND === '1') return runInBackground(dataDir);
  const holder = holderOf(dataDir);
  if (holder) throw new AlreadyRunning(dataDir, holder);
  if (options.reset) {
    if (!(await confirmReset(dataDir, options.yes))) return say('  Nothing was deleted.');
    await resetData(dataDir);
    say('  The old data is deleted.');
  }
  preflight(dataDir);
  if (options.detach) await startInBackground(dataDir, options.json);
  else await runInForeground(dataDir);
}

try {
  const options = parseArguments(process.argv.slice(2), ['detach', 'json', 'reset', 'yes']);
  if (options.help) process.stdout.write(usage);
  else if (options.json && !options.detach) throw new Error('--json belongs to --detach.');
  else await main(options);
  process.exit(0);
} catch (error) {
  say(`\n  ${(error as Error).message.replaceAll('\n', '\n  ')}\n`);
  process.exit(1);
}
