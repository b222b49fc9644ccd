import { FLEET_EVENTS, type FleetEventData, type FleetEventOf, type FleetEventType } from '../../workflows/contracts/fleet-event.ts';
import type { HostView } from '../../workflows/contracts/host.ts';
import type { InstanceView } from '../../workflows/contracts/instance.ts';
import type { OperationStep, OperationView } from '../../workflows/contracts/operation.ts';

/** The moment at which the tests look. */
export const NOW = new Date('2026-11-21T12:00:00.000Z');

/** An instance that runs and is ready; the tests change what they are about. */
export function sampleInstance(change: Partial<Omit<InstanceView, 'status'>> & { readonly status?: Partial<InstanceView['status']> } = {}): InstanceView {
  return {
    id: 'ins_01kah3v5c0q2m4x6z8aa',
    slug: 'sales-bot-k3v9q2ma',
    name: 'sales-bot',
    tenantId: 'ten_01kah3v5c0q2m4x6z8bb',
    projectId: 'prj_01kah3v5c0q2m4x6z8cc',
    ownerId: null,
    labels: { team: 'sales', env: 'prod' },
    generation: 7,
    createdAt: '2026-11-18T08:00:00.000Z',
    createdBy: 'usr_01kah3v5c0q2m4x6z8dd',
    updatedAt: '2026-11-21T11:00:00.000Z',
    lastUpdatedBy: 'usr_01kah3v5c0q2m4x6z8dd',
    spec: {
      type: 'openclaw',
      version: '2026.9.6',
      replicas: 1,
      placement: { driver: 'host', hostId: 'hst_01kah3v5c0q2m4x6z8ee' },
      resources: { cpu: '1', memory: '2Gi', storage: '10Gi' },
      config: { overrides: [{ key: 'model.name', value: 'demo' }] },
    },
    ...change,
    status: {
      phase: 'Running',
      ready: true,
      readyReplicas: 1,
      observedGeneration: 7,
      restarts: 0,
      lastTransitionTime: '2026-11-21T11:30:00.000Z',
      reason: null,
      message: null,
      conditions: [{ type: 'GatewayReady', status: 'True', reason: 'Answered', message: 'The claw answers.', lastTransitionTime: '2026-11-21T11:30:00.000Z' }],
      revision: { configHash: 'sha256:1f', version: '2026.9.6', skills: [], plugins: [] },
      operation: null,
      endpoints: { chat: null, page: null },
      ...change.status,
    },
  };
}

/** A step that has not begun. */
export function sampleStep(name: OperationStep['name'], change: Partial<OperationStep> = {}): OperationStep {
  return { name, state: 'pending', attempt: 0, maxAttempts: 8, nextAttemptAt: null, startedAt: null, finishedAt: null, error: null, ...change };
}

/** A create that runs. */
export function sampleOperation(change: Partial<OperationView> = {}): OperationView {
  return {
    id: 'op_01kah3v5c0q2m4x6z8ff',
    seq: 1,
    kind: 'create',
    target: { kind: 'instance', id: 'ins_01kah3v5c0q2m4x6z8aa', name: 'sales-bot' },
    state: 'running',
    requestedBy: 'usr_01kah3v5c0q2m4x6z8dd',
    requestId: 'req_1',
    createdAt: '2026-11-21T11:59:00.000Z',
    startedAt: '2026-11-21T11:59:00.000Z',
    finishedAt: null,
    steps: [],
    error: null,
    allowed: ['cancel'],
    ...change,
  };
}

/** An event of an instance as the API tells it. */
export function sampleEvent<T extends FleetEventType>(
  type: T,
  message: string,
  data: FleetEventData[T],
  change: Partial<Omit<FleetEventOf<T>, 'type' | 'data'>> = {},
): FleetEventOf<T> {
  return {
    id: 'evt_01kah3v5c0q2m4x6z8hh',
    type,
    severity: FLEET_EVENTS[type],
    message,
    subject: { kind: 'instance', id: 'ins_01kah3v5c0q2m4x6z8aa', name: 'sales-bot' },
    actor: { kind: 'platform', id: null, name: null },
    instanceId: 'ins_01kah3v5c0q2m4x6z8aa',
    hostId: null,
    operationId: null,
    requestId: null,
    count: 1,
    firstAt: change.lastAt ?? '2026-11-21T11:30:00.000Z',
    lastAt: '2026-11-21T11:30:00.000Z',
    data,
    ...change,
  };
}

/** A host that is online. */
export const SAMPLE_HOST: HostView = {
  id: 'hst_01kah3v5c0q2m4x6z8ee',
  name: 'this-machine',
  state: 'online',
  instances: 3,
  reserved: { cpu: '3', memory: '6Gi' },
  unknownClaws: [],
  lastSeenAt: '2026-11-21T11:59:58.000Z',
  createdAt: '2026-11-18T08:00:00.000Z',
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
};
