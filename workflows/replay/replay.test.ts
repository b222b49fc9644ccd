import { readdirSync } from 'node:fs';
import type { PayloadCodec } from '@temporalio/common';
import { Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, expect, test } from 'vitest';
import { buildWorkflowBundle } from '../../activities/build-workflow-bundle.ts';
import { createDataConverter } from '../../activities/platform/temporal/data-converter.ts';
import { behaviours } from './testing/behaviours.ts';
import { GOLDEN_FOLDER, type Golden, readGolden } from './testing/golden.ts';
import { goldenKeyRing } from './testing/golden-key.ts';

const files = readdirSync(GOLDEN_FOLDER)
  .filter((name) => name.endsWith('.json'))
  .sort();
let workflowBundle: WorkflowBundle;

/** Replays; the SDK does not call it an error when the last workflow task fails, so that is looked for where its failure is encoded. */
async function replay({ workflowId, history }: Golden): Promise<void> {
  const dataConverter = createDataConverter(goldenKeyRing);
  const failures: string[] = [];
  const watching: PayloadCodec = {
    encode: async (payloads) => {
      failures.push(...payloads.map(({ data }) => Buffer.from(data ?? []).toString()).filter((text) => text.includes('stack_trace')));
      return payloads;
    },
    decode: async (payloads) => payloads,
  };
  await Worker.runReplayHistory(
    { workflowBundle, dataConverter: { ...dataConverter, payloadCodecs: [watching, ...(dataConverter.payloadCodecs ?? [])] }, replayName: workflowId },
    history,
    workflowId,
  );
  expect(failures).toEqual([]);
}

beforeAll(async () => {
  const quiet = () => undefined;
  Runtime.install({ shutdownSignals: [], logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet } });
  workflowBundle = { code: await buildWorkflowBundle() };
  // Half a minute on a busy machine.
}, 300_000);

test('there is a history for every behaviour, and a behaviour for every history', () => {
  expect([...new Set(files.map((file) => file.split('.')[0]))]).toEqual(Object.keys(behaviours).sort());
});

test.each(files)('%s still replays with the workflows as they are now', async (file) => {
  await replay(readGolden(file));
});

test('a workflow that would do something else than its history says is noticed', async () => {
  const history = readGolden('create-to-destroy.json');
  const scheduled = history.history.events?.find((event) => event.activityTaskScheduledEventAttributes)?.activityTaskScheduledEventAttributes;
  if (!scheduled?.activityType) throw new Error('the history schedules no activity');
  scheduled.activityType.name = 'somethingElse';
  await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
});
