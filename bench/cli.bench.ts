import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPrograms } from '../deploy/local/build/programs.ts';
import { registerEcho } from '../deploy/local/faults/echo-claw.ts';
import type { Bench, BenchContext } from './lib/bench.ts';
import { loopbackUrl, withFleet } from './lib/fleet.ts';
import { type HttpCaller, openHttpCaller } from './lib/http-caller.ts';
import { populate } from './lib/populate.ts';
import { row } from './lib/row.ts';
import { differences, percentile, spreadRows } from './lib/statistics.ts';

const TARGET_MS = 300;

/** A command line and what it asks the API for. */
interface Command {
  readonly args: readonly string[];
  readonly path: string | null;
}

const COMMANDS: readonly Command[] = [
  { args: ['--version'], path: null },
  { args: ['--help'], path: null },
  { args: ['get'], path: '/instances?limit=200' },
  { args: ['get', '-o', 'json'], path: '/instances?limit=200' },
  { args: ['events'], path: '/events?limit=50' },
];

/** How long a person waits for `claw` itself: the built program, from its start to its end, over what the API takes for the same. */
export const cliBench: Bench = {
  name: 'cli',
  what: 'claw as it is installed, over the time of the API itself',
  options: [
    { name: 'rows', byDefault: 100, what: 'instances in the database' },
    { name: 'times', byDefault: 20, what: 'runs of each command' },
  ],
  limitMinutes: 6,
  run: (context) =>
    withFleet(context, async (fleet) => {
      const folder = await mkdtemp(join(tmpdir(), 'clawloops-cli-bench-'));
      const caller = openHttpCaller();
      try {
        await registerEcho(fleet);
        await (await populate(fleet)).growTo(context.option('rows'));
        const program = (await buildPrograms(folder)).find(({ name }) => name === 'claw');
        if (!program) throw new Error('claw was not built');
        const environment = { url: loopbackUrl(fleet), apiKey: fleet.apiKey, home: folder };
        for (const command of COMMANDS) await measure(command, program.file, environment, caller, context);
      } finally {
        caller.close();
        await rm(folder, { recursive: true, force: true });
      }
    }),
};

interface Environment {
  readonly url: string;
  readonly apiKey: string;
  readonly home: string;
}

async function measure({ args, path }: Command, file: string, environment: Environment, caller: HttpCaller, context: BenchContext): Promise<void> {
  const own: number[] = [];
  const whole: number[] = [];
  const headers = { authorization: `Bearer ${environment.apiKey}` };
  const ask = async () => {
    const began = performance.now();
    if (path !== null) await caller.call(`${environment.url}/api/v1${path}`, headers);
    return path === null ? 0 : performance.now() - began;
  };
  for (let run = 0; run <= context.option('times') && !context.signal.aborted; run += 1) {
    const [api, claw] = [await ask(), await runClaw(file, args, environment)];
    // The first of each reads files and statements that later ones find ready.
    if (run === 0) continue;
    own.push(api);
    whole.push(claw);
  }
  const title = `claw ${args.join(' ')}`;
  const over = differences(own, whole);
  context.say(`${title}: ${Math.round(percentile(whole, 0.5))} ms, of which the API ${Math.round(percentile(own, 0.5))} ms`);
  if (path !== null) context.measured(row(`${title}: the API itself, p50`, percentile(own, 0.5), 'ms'));
  context.measured(...spreadRows(path === null ? title : `${title}: over the API`, over, 'ms', { p50: null, p95: TARGET_MS }));
}

/** Milliseconds from the start to the end of the program. Throws when it does not end well. */
function runClaw(file: string, args: readonly string[], { url, apiKey, home }: Environment): Promise<number> {
  const began = performance.now();
  const env = { PATH: process.env['PATH'] ?? '', XDG_CONFIG_HOME: home, CLAW_URL: url, CLAW_API_KEY: apiKey };
  const child = spawn(process.execPath, [file, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(performance.now() - began) : reject(new Error(`claw ${args.join(' ')} ended with ${code}: ${said}`))));
  });
}
