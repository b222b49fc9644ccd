import { expect, test } from 'vitest';
import { formatJson, formatTable } from '../lib/output.ts';
import { paintFor } from '../lib/style.ts';
import { NOW, sampleInstance, sampleOperation, sampleStep } from '../testing/samples.ts';
import { formatDescription } from './describe.ts';
import { HOSTS } from './host.ts';
import { INSTANCES } from './instance.ts';
import { OPERATIONS } from './operation.ts';
import { PROVIDERS } from './provider.ts';
import { formatStatus } from './status.ts';

const context = { now: NOW, paint: (_format: unknown, text: string) => text };
const FAILURE = { code: 'IMAGE_PULL_FAILED', message: 'The package could not be installed.', nextStep: 'Check the version.' } as const;

const failing = sampleInstance({
  name: 'research',
  labels: {},
  status: {
    phase: 'Creating',
    ready: false,
    restarts: 2,
    reason: 'IMAGE_PULL_FAILED',
    operation: { id: 'op_01kah3v5c0q2m4x6z8ff', kind: 'create', state: 'retrying' },
  },
});

test('a list of instances has a column for everything a person asks first', () => {
  const starting = sampleInstance({ name: 'sales-2', createdAt: '2026-11-21T11:59:30.000Z', status: { ready: false } });
  expect(formatTable(INSTANCES, [sampleInstance(), starting, failing], false, context)).toMatchInlineSnapshot(`
    "NAME       PHASE                TYPE      VERSION   RESTARTS  AGE   OPERATION        REASON
    sales-bot  Running              openclaw  2026.9.6  0         3d4h  -                -
    sales-2    Running (not ready)  openclaw  2026.9.6  0         30s   -                -
    research   Creating             openclaw  2026.9.6  2         3d4h  create retrying  IMAGE_PULL_FAILED
    "
  `);
});

test('the wide list adds ids, host, resources and labels', () => {
  expect(formatTable(INSTANCES, [sampleInstance()], true, context)).toMatchInlineSnapshot(`
    "NAME       PHASE    TYPE      VERSION   RESTARTS  AGE   OPERATION  REASON  ID                        HOST                      CPU  MEMORY  LABELS
    sales-bot  Running  openclaw  2026.9.6  0         3d4h  -          -       ins_01kah3v5c0q2m4x6z8aa  hst_01kah3v5c0q2m4x6z8ee  1    2Gi     env=prod,team=sales
    "
  `);
});

test('a list of operations names the step that is on and the attempt', () => {
  const retrying = sampleOperation({
    state: 'retrying',
    steps: [sampleStep('reserve', { state: 'succeeded', attempt: 1 }), sampleStep('prepare-runtime', { state: 'retrying', attempt: 3, error: FAILURE })],
  });
  expect(formatTable(OPERATIONS, [retrying], false, context)).toMatchInlineSnapshot(`
    "ID                       KIND    TARGET     STATE     STEP                   AGE  ERROR
    op_01kah3v5c0q2m4x6z8ff  create  sales-bot  retrying  prepare-runtime (3/8)  1m   IMAGE_PULL_FAILED
    "
  `);
});

test('hosts and providers show their state and room', () => {
  const host = {
    id: 'hst_01kah3v5c0q2m4x6z8ee',
    name: 'this-machine',
    state: 'online',
    instances: 3,
    reserved: { cpu: '3', memory: '6Gi' },
    unknownClaws: [],
    lastSeenAt: '2026-11-21T11:59:58.000Z',
    createdAt: NOW.toISOString(),
    info: {
      hostname: 'h',
      platform: 'linux',
      arch: 'x64',
      cpus: 2,
      memoryBytes: 8_193_000_000,
      diskFreeBytes: 1e11,
      bridgeVersion: '0.1.0',
      nodeVersion: '24.21.0',
      isolation: 'uid',
      limits: { memory: true, cpu: true, reason: null },
      ports: { base: 20_000, perSlot: 4, slots: 100 },
    },
  } as const;
  const provider = {
    id: 'prv_01kah3v5c0q2m4x6z8gg',
    name: 'openai',
    kind: 'openai',
    baseUrl: null,
    models: ['gpt-5-mini', 'gpt-5'],
    state: 'failed',
    error: { code: 'PROVIDER_CREDENTIAL_INVALID', message: 'No.', nextStep: 'Yes.' },
    credential: { present: true },
    verifiedAt: null,
    createdAt: NOW.toISOString(),
    createdBy: 'usr_1',
  } as const;
  expect(formatTable(HOSTS, [host], false, context) + formatTable(PROVIDERS, [provider], false, context)).toMatchInlineSnapshot(`
    "NAME          STATE   INSTANCES  CPUS  MEMORY   RESERVED  SEEN
    this-machine  online  3          2     7.6 GiB  3 / 6Gi   2s
    NAME    KIND    STATE   MODELS            VERIFIED  ERROR
    openai  openai  failed  gpt-5-mini,gpt-5  -         PROVIDER_CREDENTIAL_INVALID
    "
  `);
});

test('a description says what is happening, what to do, and where each setting comes from', () => {
  const operation = sampleOperation({
    state: 'retrying',
    allowed: ['retry-now', 'give-up'],
    steps: [sampleStep('prepare-runtime', { state: 'retrying', attempt: 3, nextAttemptAt: '2026-11-21T12:00:32.000Z', error: FAILURE })],
  });
  const usage = { requests: 12, errors: 1, promptTokens: 900, completionTokens: 300, costMicroUsd: 4200 };
  const provenance = [
    { key: 'model.name', value: 'demo', source: 'instance' },
    { key: 'agent.timeoutSeconds', value: 600, source: 'default' },
  ];
  expect(formatDescription({ instance: failing, provenance, usage, operations: [operation] }, context)).toMatchInlineSnapshot(`
    "Name:        research
    Id:          ins_01kah3v5c0q2m4x6z8aa
    Phase:       Creating since 30m
    Reason:      IMAGE_PULL_FAILED
    Type:        openclaw 2026.9.6
    Host:        hst_01kah3v5c0q2m4x6z8ee
    Resources:   cpu 1, memory 2Gi, storage 10Gi
    Labels:      -
    Restarts:    2
    Generation:  7 (applied 7)
    Created:     2026-11-18T08:00:00.000Z by usr_01kah3v5c0q2m4x6z8dd

    Now
      Operation:  create retrying (op_01kah3v5c0q2m4x6z8ff)
      Step:       prepare-runtime: attempt 3 of 8 failed: The package could not be installed. (IMAGE_PULL_FAILED); next try in 32s
      Next:       Check the version.
      You can:    claw operations retry-now op_01kah3v5c0q2m4x6z8ff | claw operations give-up op_01kah3v5c0q2m4x6z8ff

    Conditions
      TYPE          STATUS  REASON    MESSAGE
      GatewayReady  True    Answered  The claw answers.

    Settings
      KEY                   VALUE   FROM
      model.name            "demo"  instance
      agent.timeoutSeconds  600     default

    Usage
      Requests:  12 (1 failed)
      Tokens:    900 in, 300 out
      Cost:      $0.0042

    Operations
      ID                       KIND    TARGET     STATE     STEP                   AGE  ERROR
      op_01kah3v5c0q2m4x6z8ff  create  sales-bot  retrying  prepare-runtime (3/8)  1m   IMAGE_PULL_FAILED
    "
  `);
});

test('the status of the platform names each part, what to do about a broken one, the fleet and the room left', () => {
  const health = {
    status: 'degraded' as const,
    components: [
      { name: 'postgres', status: 'ok' as const, version: '18.0', latencyMs: 1.4 },
      { name: 'litellm', status: 'down' as const, message: 'It does not answer.', nextStep: 'It is being restarted.' },
    ],
    relay: { pending: 2, oldestSeconds: 75 },
  };
  const overview = {
    instances: { byPhase: { Running: 3, Failed: 1, Stopped: 0 } },
    operations: { running: 1, retrying: 1 },
    usage24h: { requests: 40, errors: 2, promptTokens: 1000, completionTokens: 500, costMicroUsd: 1_250_000, hourly: [] },
  };
  const preflight = { hosts: [{ id: 'hst_1', name: 'this-machine', freeMemoryBytes: 4e9, clawsThatFit: 3 }] };
  expect(formatStatus({ health, overview, preflight }, context)).toMatchInlineSnapshot(`
    "Platform: degraded
    PART      STATE  VERSION  ANSWERS IN
    postgres  ok     18.0     1 ms
    litellm   down   -        -           It does not answer. It is being restarted.

    Fleet: 4 instances (3 Running, 1 Failed)
    Operations: 1 running, 1 retrying
    Last 24 h: 40 model requests, 2 failed, 1500 tokens, $1.25
    Waiting for delivery: 2, the oldest for 1m15s
    Hosts: this-machine takes 3 more
    "
  `);
});

test('text of others cannot drive the terminal or break the table', () => {
  const evil = sampleInstance({ labels: { note: '\u001b[2Jgone\n\u202eback' } });
  const text = formatTable(INSTANCES, [evil], true, context);
  expect(text).toContain('note=gone back');
  expect(text.split('\n')).toHaveLength(3);
});

test('colour is painted on a terminal only, and never with NO_COLOR', () => {
  const terminal = { write: () => true, isTTY: true };
  expect(paintFor(terminal, {})('red', 'x')).not.toBe('x');
  expect(paintFor(terminal, { NO_COLOR: '1' })('red', 'x')).toBe('x');
  expect(paintFor(terminal, { TERM: 'dumb' })('red', 'x')).toBe('x');
  expect(paintFor({ write: () => true }, {})('red', 'x')).toBe('x');
});

test('json is the resource itself', () => {
  expect(JSON.parse(formatJson(failing))).toEqual(failing);
});
