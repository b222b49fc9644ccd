import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PayloadCodec } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWorkflowBundle } from '../../activities/build-workflow-bundle.ts';
import { readKeyRing } from '../../activities/platform/secrets.ts';
import { createDataConverter } from '../../activities/platform/temporal/data-converter.ts';
import { startTracing } from '../../activities/platform/tracing/tracing.ts';
import { ended } from '../../deploy/local/testing/child.ts';
import { instanceWorkflowId } from '../../workflows/contracts/ids.ts';
import { historyAtRest } from '../../workflows/testing/history-at-rest.ts';
import { type ApiWorld, hostOnline, openApiWorld, setUp } from '../testing/api-world.ts';
import { readSamples } from './testing/read-samples.ts';
import { openTraceReceiver, type ReceivedSpan, type TraceReceiver } from './testing/trace-receiver.ts';

const TRACE = 'a'.repeat(32);
const CALLER = 'b'.repeat(16);

let receiver: TraceReceiver;
let world: ApiWorld;
let worker: ChildProcess;
let key: string;
const said: string[] = [];

beforeAll(async () => {
  receiver = await openTraceReceiver();
  // The exporter reads the environment of its process itself.
  Object.assign(process.env, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' });
  world = await openApiWorld({ tracing: await startTracing('clawloops-api', process.env) });
  key = await setUp(world);
  await hostOnline(world);
  worker = startWorker();
});

afterAll(async () => {
  worker?.kill('SIGTERM');
  if (worker) await ended(worker);
  await world?.close();
  await receiver?.close();
});

function startWorker(): ChildProcess {
  const { METRICS_KEEP: _, ...config } = world.deps.config;
  const script = fileURLToPath(new URL('../../activities/worker.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    env: { ...process.env, ...strings(config), API_URL: world.api.url, METRICS_PORT: '0', LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  return child;
}

function strings(config: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(config).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
}

const inTrace = () => receiver.spans.filter(({ traceId }) => traceId === TRACE);
const named = (name: string): ReceivedSpan | undefined => inTrace().find((span) => span.name === name);

async function arrived(name: string): Promise<ReceivedSpan> {
  await expect.poll(() => inTrace().map((span) => span.name)).toContain(name);
  return named(name) as ReceivedSpan;
}

describe('a traced request', () => {
  let instanceId: string;

  it('is one trace from the caller through API, relay and workflow to the activities and what they ask for', async () => {
    const headers = { traceparent: `00-${TRACE}-${CALLER}-01` };
    const { status, body } = await world.call('POST /instances', { name: 'followed', resources: { cpu: '10m', memory: '64Mi' } }, { key, headers });
    expect(status).toBe(202);
    instanceId = body.instance.id;
    const request = await arrived('POST /api/v1/instances');
    const delivery = await arrived('deliver create');
    const outline = await arrived('activity outlineInstance');
    // No bridge is connected, so that this fails in the API, which the worker asks over HTTP.
    const prepare = await arrived('activity prepareRuntime');
    const asked = await arrived('POST');
    const answered = await arrived('POST /internal/hosts/{hostId}/prepare');
    expect(request).toMatchObject({ service: 'clawloops-api', parentSpanId: CALLER });
    expect(delivery).toMatchObject({ service: 'clawloops-api', parentSpanId: request.spanId });
    expect(outline.service).toBe('clawloops-worker');
    expect(prepare.parentSpanId).toBe(outline.parentSpanId);
    expect(asked.service).toBe('clawloops-worker');
    expect(inTrace().map(({ spanId }) => spanId)).toContain(answered.parentSpanId);
    await world.call(`POST /instances/${instanceId}/kill`, undefined, { key });
    const work = await arrived('workflow create');
    expect(work).toMatchObject({ service: 'clawloops-worker', parentSpanId: delivery.spanId, spanId: outline.parentSpanId });
  });

  it('says nothing that is secret', () => {
    const text = receiver.spans.map((span) => span.text).join('\n');
    for (const secret of [key, world.hostToken, world.deps.config.SERVICE_TOKEN]) expect(text).not.toContain(secret);
    expect(text).not.toContain('/v1/traces');
  });

  it('leaves a history that replays', async () => {
    const history = await historyAtRest(world.deps.temporal.workflow.getHandle(instanceWorkflowId(instanceId)));
    const dataConverter = createDataConverter(readKeyRing(world.deps.config.CLAWLOOPS_KEY_FILE));
    const workflowBundle = { code: await buildWorkflowBundle() };
    const failures: string[] = [];
    // The SDK does not call it an error when the last workflow task fails, so that is looked for where its failure is encoded.
    const watching: PayloadCodec = {
      encode: async (payloads) => {
        failures.push(...payloads.map(({ data }) => Buffer.from(data ?? []).toString()).filter((text) => text.includes('stack_trace')));
        return payloads;
      },
      decode: async (payloads) => payloads,
    };
    const payloadCodecs = [watching, ...(dataConverter.payloadCodecs ?? [])];
    const sinks = { telemetry: { workEnded: { fn: () => undefined } } };
    const options = { workflowBundle, dataConverter: { ...dataConverter, payloadCodecs }, sinks, replayName: 'traced' };
    await Worker.runReplayHistory(options, history, instanceWorkflowId(instanceId));
    // The history is still open: what comes next is asked of a worker that has no activities.
    expect(failures.filter((failure) => !failure.includes('not registered on worker'))).toEqual([]);
  });

  it('is counted by the worker when it is over', async () => {
    const { metrics } = JSON.parse(
      said
        .join('')
        .split('\n')
        .find((line) => line.includes('worker started')) ?? '{}',
    ) as { metrics: string };
    const text = async () => readSamples(await (await fetch(metrics)).text());
    await expect.poll(async () => (await text()).value('clawloops_operations_total', { kind: 'create', result: 'cancelled' })).toBe(1);
    expect((await text()).value('clawloops_operation_duration_seconds_count', { kind: 'create' })).toBe(1);
    expect((await text()).value('clawloops_build_info', { component: 'worker' })).toBe(1);
  });
});

it('shows its metrics to nobody while it was not told a port', () => expect(world.api.metricsUrl).toBeNull());

describe('without a collector', () => {
  it('nothing is traced and what was asked for by a traced caller is still handed on', async () => {
    const tracing = await startTracing('clawloops-api', { OTEL_EXPORTER_OTLP_ENDPOINT: '' });
    expect(tracing.open({ name: 'any', kind: 'server' })).toBeNull();
    expect(await tracing.during({ name: 'any', kind: 'internal', parent: 'theirs' }, async (traceparent) => traceparent)).toBe('theirs');
  });
});
