import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { HostActivities } from '../../activities/host/contract.ts';
import type { InstanceActivities } from '../../activities/instance/contract.ts';
import type { MailActivities } from '../../activities/mail/contract.ts';
import type { MetricsActivities } from '../../activities/metrics/contract.ts';
import type { ModelActivities } from '../../activities/model/contract.ts';
import type { RecordActivities } from '../../activities/record/contract.ts';
import type { RolloutActivities } from '../../activities/rollout/contract.ts';
import type { SecretActivities } from '../../activities/secrets/contract.ts';
import type { TenantActivities } from '../../activities/tenant/contract.ts';
import { TaskQueue } from '../contracts/task-queues.ts';

/** A step is attempted once; its workflow owns the next attempt, so that people see and steer it. */
const ONCE = { maximumAttempts: 1 } as const;

/** Short enough that work goes on within ten seconds of the loss of a worker. */
const HEARTBEAT_TIMEOUT = '4 seconds';

/** Quick idempotent steps: database writes and rendering. */
export const quickSteps = proxyLocalActivities<InstanceActivities>({ startToCloseTimeout: '15 seconds', retry: ONCE });

/** What an entity must know or write to go on at all: repeated until the database answers. */
export const bookkeeping = proxyLocalActivities<
  Pick<InstanceActivities, 'outlineInstance' | 'nextGeneration' | 'observeWorkload' | 'repeatWorkload' | 'stopWorkload'> & RecordActivities
>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '3 seconds' },
});

/** Installs a version: minutes. */
export const installSteps = proxyActivities<Pick<InstanceActivities, 'prepareRuntime'>>({
  taskQueue: TaskQueue.runtime,
  startToCloseTimeout: '20 minutes',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: ONCE,
});

/** Talks to a claw or runs one of its own commands: seconds. */
export const runtimeSteps = proxyActivities<Pick<InstanceActivities, 'renderConfig' | 'verifyConfig' | 'deliverModelKey' | 'probeModel'>>({
  taskQueue: TaskQueue.runtime,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: ONCE,
});

/** Never ends by itself for long; wherever a worker lives, one goes on. */
export const watchers = proxyActivities<HostActivities>({
  taskQueue: TaskQueue.observe,
  startToCloseTimeout: '25 hours',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '500 ms', backoffCoefficient: 2, maximumInterval: '5 seconds' },
});

/** Sums over many rows: seconds. Repeated until the database answers. */
export const metricsPasses = proxyActivities<MetricsActivities>({
  taskQueue: TaskQueue.core,
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** Calls a provider: at most ten calls at once of half a minute. Repeated while the model service itself is away, about a minute long. */
export const verifications = proxyActivities<Pick<ModelActivities, 'verifyProvider'>>({
  taskQueue: TaskQueue.core,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds', maximumAttempts: 9 },
});

/** The verdict on a provider must be written: repeated until the database answers. */
export const verdictRecords = proxyLocalActivities<Pick<ModelActivities, 'recordVerification'>>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '3 seconds' },
});

/** Speaks with the mail server: seconds. Repeated with growing pauses for a day. */
export const mailSending = proxyActivities<Pick<MailActivities, 'sendMail'>>({
  taskQueue: TaskQueue.core,
  scheduleToCloseTimeout: '24 hours',
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 minutes' },
});

/** That a message was given up must be written: repeated until the database answers. */
export const mailRecords = proxyActivities<Pick<MailActivities, 'giveUpMail'>>({
  taskQueue: TaskQueue.core,
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** Passes over everything that is sealed: minutes. Repeated until the database answers. */
export const keyRotations = proxyActivities<SecretActivities>({
  taskQueue: TaskQueue.core,
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** Looks at every claw of a tenant, and ends what belongs to it: seconds. Repeated until the database answers. */
export const tenantSteps = proxyActivities<TenantActivities>({
  taskQueue: TaskQueue.core,
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** What a rollout must know or write to go on at all: repeated until the database answers. */
export const rolloutRecords = proxyLocalActivities<Pick<RolloutActivities, 'loadRollout' | 'recordRollout' | 'nextBatch' | 'settleTarget'>>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '3 seconds' },
});

/** Asks the API for one change. Its queue limits how many there are in a second, for the whole fleet. */
export const rolloutChanges = proxyActivities<Pick<RolloutActivities, 'changeTarget'>>({
  taskQueue: TaskQueue.bulk,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '500 ms', backoffCoefficient: 2, maximumInterval: '5 seconds' },
});

/** Looks at a wave, and asks addresses that people have named: seconds. */
export const rolloutChecks = proxyActivities<Pick<RolloutActivities, 'observeWave'>>({
  taskQueue: TaskQueue.core,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { initialInterval: '500 ms', backoffCoefficient: 2, maximumInterval: '5 seconds' },
});
