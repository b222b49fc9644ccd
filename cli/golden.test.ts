import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import type { components } from '../frontend/src/api/schema.d.ts';
import type { OperationView } from '../workflows/contracts/operation.ts';
import { CliError, ExitCode, formatError, problemError } from './lib/errors.ts';
import { formatTable, type View, viewContext } from './lib/output.ts';
import { runClaw } from './program/program.ts';
import { captureIo } from './testing/capture.ts';
import { expectGolden, GOLDEN } from './testing/golden.ts';
import { NOW, SAMPLE_HOST, sampleEvent, sampleInstance, sampleOperation, sampleStep } from './testing/samples.ts';
import { CLAW_TYPES } from './views/claw-type.ts';
import { type Description, formatDescription } from './views/describe.ts';
import { formatDiagnosis } from './views/doctor.ts';
import { EVENTS } from './views/event.ts';
import { HOSTS } from './views/host.ts';
import { INSTANCES } from './views/instance.ts';
import { MODELS } from './views/model.ts';
import { OPERATIONS } from './views/operation.ts';
import { INVITATIONS, MEMBERS } from './views/people.ts';
import { PROVIDERS } from './views/provider.ts';
import { formatStatus } from './views/status.ts';
import { progressLines } from './views/steps.ts';

type Schemas = components['schemas'];
const used = new Set<string>();
const golden = (name: string, printed: string): void => {
  used.add(`${name}.txt`);
  expectGolden(name, printed);
};
const context = viewContext(captureIo());

const FAILURE = {
  code: 'IMAGE_PULL_FAILED',
  message: 'The package could not be installed.',
  nextStep: 'Check the version and that the registry is reachable.',
} as const;
const retrying = sampleOperation({
  state: 'retrying',
  requestId: '0f6f0f5e-6c3c-4f3a-9b0e-4c9f5b1d2e3f',
  allowed: ['retry-now', 'give-up'],
  steps: [
    sampleStep('reserve', { state: 'succeeded', attempt: 1, startedAt: '2026-11-21T11:59:00.000Z', finishedAt: '2026-11-21T11:59:01.000Z' }),
    sampleStep('prepare-runtime', { state: 'retrying', attempt: 3, nextAttemptAt: '2026-11-21T12:00:32.000Z', error: FAILURE }),
  ],
});
const ended = sampleOperation({
  id: 'op_01kah3v5c0q2m4x6z8gg',
  kind: 'restart',
  state: 'succeeded',
  finishedAt: '2026-11-21T11:59:09.000Z',
  steps: [sampleStep('await-ready', { state: 'succeeded', attempt: 1, startedAt: '2026-11-21T11:59:00.000Z', finishedAt: '2026-11-21T11:59:09.000Z' })],
});
const running = sampleInstance();
const notReady = sampleInstance({ name: 'sales-2', createdAt: '2026-11-21T11:59:30.000Z', labels: {}, status: { ready: false } });
const creating = sampleInstance({
  name: 'research',
  labels: {},
  status: { phase: 'Creating', ready: false, restarts: 2, reason: 'IMAGE_PULL_FAILED', operation: { id: retrying.id, kind: 'create', state: 'retrying' } },
});
const crashed = sampleInstance({
  name: 'wild-one',
  labels: {},
  status: {
    phase: 'Failed',
    ready: false,
    restarts: 5,
    reason: 'CRASH_LOOP',
    message: 'The claw crashes again and again.',
    conditions: [
      {
        type: 'GatewayReady',
        status: 'False',
        reason: 'PROCESS_EXITED',
        message: 'The process of the claw ended with exit code 1.',
        lastTransitionTime: '2026-11-21T11:30:00.000Z',
      },
    ],
  },
});
const events = [
  sampleEvent(
    'operation.succeeded',
    'sales-bot was restarted in 9 s.',
    { kind: 'restart', seconds: 9, retention: null },
    { lastAt: '2026-11-21T11:59:09.000Z', operationId: ended.id, requestId: 'req_1' },
  ),
  sampleEvent(
    'instance.crashed',
    'sales-bot crashed (exit code 137) and was started again; 3rd time today.',
    { exitCode: 137, signal: null, restarts: 3 },
    { count: 3, firstAt: '2026-11-21T08:00:00.000Z', lastAt: '2026-11-21T11:50:00.000Z' },
  ),
  sampleEvent(
    'operation.failed',
    'Creating sales-bot failed: The package could not be installed.',
    { kind: 'create', code: FAILURE.code, message: FAILURE.message },
    { lastAt: '2026-11-20T09:00:00.000Z' },
  ),
];

describe('lists', () => {
  const both = <T>(name: string, view: View<T>, rows: readonly T[]) => {
    golden(`get-${name}`, formatTable(view, rows, false, context));
    golden(`get-${name}-wide`, formatTable(view, rows, true, context));
  };

  test('of instances', () => both('instances', INSTANCES, [running, notReady, creating, crashed]));
  test('of operations', () => both('operations', OPERATIONS, [retrying, ended]));
  test('of hosts', () =>
    both('hosts', HOSTS, [SAMPLE_HOST, { ...SAMPLE_HOST, name: 'new-one', state: 'pending', info: null, lastSeenAt: null, instances: 0 }]));
  test('of events', () => {
    golden('events', formatTable(EVENTS, events.toReversed(), false, context));
    golden('events-wide', formatTable(EVENTS, events.toReversed(), true, context));
  });
  test('of providers', () => {
    const provider: Schemas['Provider'] = {
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
    };
    both('providers', PROVIDERS, [
      provider,
      {
        ...provider,
        name: 'ours',
        kind: 'ollama',
        baseUrl: 'http://models.example:11434',
        state: 'verified',
        error: null,
        verifiedAt: '2026-11-21T11:00:00.000Z',
      },
    ]);
  });
  test('of members', () => {
    const member: Schemas['Member'] = {
      userId: 'usr_01kah3v5c0q2m4x6z8gg',
      name: 'Ada',
      email: 'ada@example.com',
      role: 'owner',
      grants: [],
      joinedAt: '2026-11-01T12:00:00.000Z',
      lastSeenAt: '2026-11-21T11:57:00.000Z',
      secondFactor: true,
      disabled: false,
      suspended: false,
      personalClaws: 1,
    };
    const grants = [{ projectId: 'prj_1', projectName: 'sales', role: 'operator' as const }];
    both('members', MEMBERS, [
      member,
      { ...member, name: 'Bob', email: 'bob@example.com', role: 'member', grants, lastSeenAt: null, secondFactor: false, personalClaws: 0 },
    ]);
  });
  test('of invitations', () => {
    const invitation: Schemas['Invitation'] = {
      id: 'inv_01kah3v5c0q2m4x6z8gg',
      email: 'bob@example.com',
      role: 'viewer',
      grants: [],
      state: 'pending',
      invitedBy: { id: 'usr_1', name: 'Ada' },
      mailed: true,
      createdAt: '2026-11-21T11:00:00.000Z',
      sentAt: '2026-11-21T11:00:00.000Z',
      expiresAt: '2026-11-24T11:00:00.000Z',
      endedAt: null,
    };
    both('invitations', INVITATIONS, [
      invitation,
      { ...invitation, email: 'eve@example.com', state: 'revoked', invitedBy: { id: 'usr_2', name: null }, mailed: false, endedAt: '2026-11-21T11:30:00.000Z' },
    ]);
  });
  test('of models', () =>
    both('models', MODELS, [
      { id: 'demo', provider: 'demo', kind: 'demo', state: 'verified' },
      { id: 'openai/gpt-5', provider: 'openai', kind: 'openai', state: 'failed' },
    ]));
  test('of claw types', () => {
    const type: Schemas['ClawType'] = {
      name: 'openclaw',
      source: 'built-in',
      versions: ['2026.9.6'],
      defaultVersion: '2026.9.6',
      defaultResources: { cpu: '1', memory: '2Gi', storage: '10Gi' },
      maxReplicas: 1,
      configSchema: {},
      chat: true,
    };
    both('types', CLAW_TYPES, [type]);
  });
});

describe('a description', () => {
  const whole: Description = {
    instance: running,
    hostName: 'this-machine',
    provenance: [
      { key: 'model.name', value: 'demo', source: 'instance', config: null, lockedBy: null },
      { key: 'agent.timeoutSeconds', value: 600, source: 'default', config: null, lockedBy: null },
    ],
    metrics: {
      from: '2026-11-21T11:55:00.000Z',
      to: '2026-11-21T12:00:00.000Z',
      stepSeconds: 60,
      limits: { cpuMillicores: 1000, memoryBytes: 2 * 2 ** 30, storageBytes: 10 * 2 ** 30 },
      totals: { restarts: 0, requests: 0, errors: 0, promptTokens: 0, completionTokens: 0, costMicroUsd: 0, activeSeconds: 0 },
      points: [
        {
          at: '2026-11-21T11:58:00.000Z',
          cpuMillicores: 118.6,
          cpuMillicoresMax: 300,
          memoryBytes: 310 * 2 ** 20,
          memoryBytesMax: 310 * 2 ** 20,
          processes: 3,
          diskBytes: 2 ** 30,
        } as Schemas['InstanceMetricPoint'],
        {
          at: '2026-11-21T11:59:00.000Z',
          cpuMillicores: null,
          cpuMillicoresMax: null,
          memoryBytes: null,
          memoryBytesMax: null,
          processes: null,
          diskBytes: null,
        } as Schemas['InstanceMetricPoint'],
      ],
    },
    usage: { requests: 12, errors: 1, promptTokens: 900, completionTokens: 300, costMicroUsd: 4200 },
    events,
    operations: [ended],
  };

  test('of an instance that is well', () => golden('describe', formatDescription(whole, context)));
  test('on a narrow terminal', () => golden('describe-narrow', formatDescription(whole, { ...context, width: 72 })));
  test('of one that is being made and waits for another try', () =>
    golden('describe-retrying', formatDescription({ ...whole, instance: creating, metrics: null, operations: [retrying], events: [] }, context)));
  test('of one that has failed', () => golden('describe-failed', formatDescription({ ...whole, instance: crashed, operations: [ended] }, context)));
  test('of which nothing else can be had', () =>
    golden(
      'describe-alone',
      formatDescription({ instance: running, hostName: null, provenance: null, metrics: null, usage: null, events: null, operations: null }, context),
    ));
});

test('the progress of an operation', () => {
  const lines = (before: OperationView | null, after: OperationView) => progressLines(before, after, NOW).map((line) => `${line}\n`);
  golden('operations-watch', [...lines(null, retrying), ...lines(null, ended)].join(''));
});

test('the status of the platform', () => {
  const health: Schemas['SystemHealth'] = {
    status: 'degraded',
    components: [
      { name: 'database', status: 'ok', version: '18.0', latencyMs: 1.4, facts: [] },
      { name: 'model-service', status: 'down', facts: [], message: 'It does not answer.', nextStep: 'It is being restarted.' },
    ],
    relay: { pending: 2, oldestSeconds: 75 },
    logLevels: [],
  };
  const overview: Schemas['Overview'] = {
    instances: { byPhase: { Running: 3, Failed: 1, Stopped: 0 } },
    operations: { running: 1, retrying: 1 },
    usage24h: { requests: 40, errors: 2, promptTokens: 1000, completionTokens: 500, costMicroUsd: 1_250_000, hourly: [] },
  };
  const preflight = { hosts: [{ id: 'hst_1', name: 'this-machine', freeMemoryBytes: 4e9, clawsThatFit: 3 }] };
  golden('status', formatStatus({ health, overview, preflight }, context));
});

test('a diagnosis', () => {
  const components = [
    { name: 'api', status: 'ok', latencyMs: 12, message: 'http://claws.example:7700' },
    { name: 'worker', status: 'down', message: 'No worker asks for work.', fix: 'Start the worker; accepted work is kept.' },
    { name: 'certificates', status: 'degraded', message: 'One ends in 3 days.', fix: 'Renew it.' },
  ] as const;
  golden('doctor', formatDiagnosis({ status: 'down', components }, context));
});

test('errors', () => {
  const io = captureIo();
  const all = [
    problemError(422, {
      status: 422,
      code: 'VALIDATION_FAILED',
      detail: 'The request is not valid.',
      errors: [{ path: '/name', message: 'must be 1 to 40 lower-case letters, digits or hyphens' }],
      nextStep: 'Correct the fields named in errors and send it again.',
      requestId: 'req_1',
    }),
    problemError(401, { code: 'UNAUTHENTICATED', detail: 'The API key has expired.', requestId: 'req_2' }),
    problemError(502, '<html>', 'req_3'),
    new CliError(ExitCode.notFound, 'There is no instance "sales" here.', { code: 'NOT_FOUND', nextStep: 'See what there is: claw get instances' }),
  ];
  golden('errors', all.map((error) => formatError(error, io)).join('\n'));
});

describe('what claw says of itself', () => {
  const said = async (...args: string[]): Promise<string> => {
    const io = captureIo();
    const code = await runClaw(args, io, '0.0.0');
    return `${io.out()}${io.err()}[${code}]\n`;
  };

  test('its help', async () => golden('help', await said('--help')));
  test('the help of a command', async () => golden('help-events', await said('help', 'events')));
  test('the help of a group', async () => golden('help-operations', await said('operations', '--help')));
  test('a command that does not exist, and an option that is wrong', async () =>
    golden('help-wrong', [await said('crate', 'x'), await said('events', '--severity', 'bad'), await said('events', '--since', 'yesterday')].join('\n')));
});

afterAll(() => {
  // A file that no test prints any more would look as if something were checked.
  expect(readdirSync(GOLDEN).filter((file) => !used.has(file))).toEqual([]);
});
