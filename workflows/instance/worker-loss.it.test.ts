import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { RecordInput } from '../../activities/record/contract.ts';
import { temporalAddress } from '../../deploy/local/testing/database.ts';
import { type EntityWorld, entityWorld } from '../testing/entity-world.ts';

let world: EntityWorld;
const children: ChildProcess[] = [];

beforeAll(async () => {
  world = await entityWorld({ address: temporalAddress(), autoStart: false });
});

// A worker that was left over would take what the next one is to be lost with.
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

afterAll(() => world.close());

interface WorkerProcess {
  readonly child: ChildProcess;
  readonly lines: { readonly hangs?: string; readonly record?: RecordInput; readonly started?: boolean }[];
  until(done: () => boolean): Promise<void>;
}

function startWorkerProcess(hang: Readonly<Record<string, string>>): WorkerProcess {
  const script = fileURLToPath(new URL('../testing/worker-process.ts', import.meta.url));
  const key = Buffer.from(world.keyRing.keys.get('test') ?? []).toString('base64');
  const child = spawn(process.execPath, [script, temporalAddress(), world.namespace], {
    env: { ...process.env, TEST_KEY: key, HANG: JSON.stringify(hang) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: WorkerProcess['lines'] = [];
  let look: () => void = () => undefined;
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    // Temporal's core writes its own warnings there too.
    if (!line.startsWith('{')) return;
    lines.push(JSON.parse(line));
    look();
  });
  return {
    child,
    lines,
    until: (done) =>
      new Promise((resolve, reject) => {
        child.once('exit', (code, signal) => reject(new Error(`the worker ended: ${code ?? signal}`)));
        look = () => (done() ? resolve() : undefined);
        look();
      }),
  };
}

const STEPS = [
  ['reserveSlot', 'issueModelKey', 'prepareRuntime'],
  ['renderConfig', 'applyWorkload', 'observeWorkload'],
  ['verifyConfig', 'deliverModelKey', 'probeModel'],
] as const;

// The last of each first, which takes longest to get there: those that give up after a while have waited least when the worker is killed.
test.each(STEPS)('a worker killed in the middle of %s, %s or %s loses nothing: another goes on, and no attempt is spent', async (...steps) => {
  const instances = steps.map((step) => ({ step, ...world.instance() }));
  const first = startWorkerProcess(Object.fromEntries(instances.map(({ id, step }) => [id, step])));
  await first.until(() => first.lines.some(({ started }) => started));
  const operations = new Map<string, string>();
  for (const { id, send } of instances.toReversed()) {
    operations.set(id, await send('create'));
    await first.until(() => first.lines.some(({ hangs }) => hangs === id));
  }
  first.child.removeAllListeners('exit');
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = startWorkerProcess({});
  const ended = (id: string) => second.lines.find(({ record }) => record?.instanceId === id && record.operation?.finishedAt)?.record;
  await second.until(() => instances.every(({ id }) => ended(id)));
  for (const { id, step } of instances) {
    const record = ended(id);
    expect(record?.operation, step).toMatchObject({ id: operations.get(id), state: 'succeeded' });
    expect(
      record?.operation?.steps.map(({ attempt }) => attempt),
      step,
    ).toEqual(Array.from({ length: 10 }, () => 1));
    expect(
      second.lines.filter((line) => line.record?.instanceId === id && line.record.operation?.finishedAt),
      step,
    ).toHaveLength(1);
  }
});
