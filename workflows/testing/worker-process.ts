/**
 * A worker in a process of its own, to be killed by a test. Arguments: address, namespace. Environment: TEST_KEY (base64), HANG = JSON
 * map of instance id to the activity that never ends there. Prints one JSON line per record and one when a hanging activity begins.
 */
import { Context } from '@temporalio/activity';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pino from 'pino';
import { buildWorkflowBundle } from '../../activities/build-workflow-bundle.ts';
import { createDataConverter } from '../../activities/platform/temporal/data-converter.ts';
import { workerOptions } from '../../activities/worker-options.ts';
import { PLAIN, ScriptedClaw } from './scripted-claw.ts';
import { activityNames } from './scripted-names.ts';

const [, , address = '', namespace = ''] = process.argv;
const key = new Uint8Array(Buffer.from(process.env.TEST_KEY ?? '', 'base64'));
const hang = JSON.parse(process.env.HANG ?? '{}') as Readonly<Record<string, string>>;
const claws = new Map<string, ScriptedClaw>();
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function run(name: string, input: { readonly instanceId: string }): Promise<unknown> {
  const claw = claws.get(input.instanceId) ?? new ScriptedClaw();
  claws.set(input.instanceId, claw);
  claw.outline = { ...PLAIN, keyDelivery: 'dial', confirmsConfig: true, checksConfig: true, needsRuntime: true };
  if (hang[input.instanceId] === name) {
    say({ hangs: input.instanceId });
    await Context.current().cancelled;
  }
  if (name === 'recordProgress') say({ record: input });
  return claw.run(name as never, input as never);
}

const quiet = () => undefined;
Runtime.install({ shutdownSignals: [], logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet } });
const options = workerOptions({
  connection: await NativeConnection.connect({ address }),
  namespace,
  dataConverter: createDataConverter({ current: 'test', keys: new Map([['test', key]]) }),
  activities: Object.fromEntries(activityNames.map((name) => [name, (input: { instanceId: string }) => run(name, input)])) as never,
  workflowBundle: { code: await buildWorkflowBundle() },
  logger: pino({ level: 'silent' }),
});
const workers = await Promise.all(options.map((option) => Worker.create(option)));
say({ started: true });
await Promise.all(workers.map((worker) => worker.run()));
