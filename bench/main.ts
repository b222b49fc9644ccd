import { writeFileSync } from 'node:fs';
import { apiBench } from './api.bench.ts';
import { auditBench } from './audit.bench.ts';
import { authBench } from './auth.bench.ts';
import { cliBench } from './cli.bench.ts';
import { doorsBench } from './doors.bench.ts';
import { fuzzBench } from './fuzz.bench.ts';
import { gatewayBench } from './gateway.bench.ts';
import { type BenchRequest, helpText, readRequest } from './lib/arguments.ts';
import type { Bench } from './lib/bench.ts';
import { currentCommit, describeMachine } from './lib/machine.ts';
import type { Row } from './lib/row.ts';
import { renderTable } from './lib/table.ts';
import { lifecycleBench } from './lifecycle.bench.ts';
import { quotasBench } from './quotas.bench.ts';
import { realtimeBench } from './realtime.bench.ts';
import { rolloutBench } from './rollout.bench.ts';
import { signInBench } from './signin.bench.ts';
import { soakBench } from './soak.bench.ts';

const benches: readonly Bench[] = [
  lifecycleBench,
  apiBench,
  gatewayBench,
  realtimeBench,
  cliBench,
  auditBench,
  authBench,
  signInBench,
  doorsBench,
  quotasBench,
  rolloutBench,
  soakBench,
  fuzzBench,
];

function say(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

/** Aborted by a signal of the person, or when the time of the bench is up. */
function stopSignal(minutes: number): AbortSignal {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupted.abort(new Error('it was interrupted')));
  const timer = setTimeout(() => interrupted.abort(new Error(`its ${minutes} minutes are up`)), minutes * 60_000);
  timer.unref();
  return interrupted.signal;
}

async function runBench({ bench, json, options }: BenchRequest): Promise<void> {
  const machine = describeMachine();
  const commit = currentCommit();
  const rows: Row[] = [];
  let failure: unknown = null;
  const option = (name: string) => options.get(name) ?? Number.NaN;
  const { limitMinutes } = bench;
  const signal = stopSignal(typeof limitMinutes === 'number' ? limitMinutes : limitMinutes(option));
  try {
    await bench.run({ option, measured: (...more) => void rows.push(...more), say, signal });
  } catch (error) {
    if (!signal.aborted) failure = error;
    else say(`The bench was stopped: ${(signal.reason as Error).message}. What it measured until then:`);
  }
  if (failure !== null && rows.length === 0) throw failure;
  const { cpu, cores, memoryGiB, node, platform, loadBefore } = machine;
  console.log(`\n${bench.name}: ${bench.what}\n${cores} x ${cpu}, ${memoryGiB} GiB, ${platform}, Node ${node}, load before ${loadBefore}, commit ${commit}\n`);
  console.log(renderTable(rows));
  if (json !== null) writeFileSync(json, `${JSON.stringify({ bench: bench.name, commit, machine, rows }, null, 2)}\n`);
  if (failure !== null) throw failure;
}

try {
  const request = readRequest(process.argv.slice(2), benches);
  if (request) await runBench(request);
  else process.stdout.write(helpText(benches));
  process.exit(0);
} catch (error) {
  // A missed target is a result; this is a bench that could not measure.
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
