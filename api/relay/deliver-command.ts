import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Logger } from '../../activities/platform/logger.ts';
import type { Tracing } from '../../activities/platform/tracing/tracing.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import {
  instanceWorkflowId,
  keyRotationWorkflowId,
  mailWorkflowId,
  providerVerifyWorkflowId,
  rolloutWorkflowId,
  tenantWorkflowId,
} from '../../workflows/contracts/ids.ts';
import { type InstanceCommand, InstanceMessage } from '../../workflows/contracts/instance.ts';
import type { ProviderVerification } from '../../workflows/contracts/model.ts';
import { type RolloutCommand, RolloutMessage, type RolloutOrder } from '../../workflows/contracts/rollout.ts';
import { TaskQueue } from '../../workflows/contracts/task-queues.ts';
import type { instanceWorkflow } from '../../workflows/instance/instance.workflow.ts';
import type { mailWorkflow } from '../../workflows/mail/mail.workflow.ts';
import type { providerVerifyWorkflow } from '../../workflows/provider/provider-verify.workflow.ts';
import type { rolloutWorkflow } from '../../workflows/rollout/rollout.workflow.ts';
import type { keyRotationWorkflow } from '../../workflows/secrets/key-rotation.workflow.ts';
import type { tenantWorkflow } from '../../workflows/tenant/tenant.workflow.ts';
import type { CommandRow } from './outbox-store.ts';

const DEADLINE_MS = 10_000;

/**
 * Gives a command to the workflow it is for, starting that if it is not there yet; Temporal keeps it even when no worker runs.
 * Throws ILLEGAL_TRANSITION when the entity of an instance has ended, because one that has ended is never started again.
 */
export async function deliverCommand(client: Client, tracing: Tracing, { tenantId, key, payload }: CommandRow): Promise<void> {
  const within = (work: () => Promise<void>) => client.withDeadline(Date.now() + DEADLINE_MS, work);
  if ('mailId' in payload) return within(() => startOnce(client, 'mailWorkflow', mailWorkflowId(payload.mailId), { mailId: payload.mailId }));
  if ('tenantWorkId' in payload) return within(() => startOnce(client, 'tenantWorkflow', tenantWorkflowId(payload.tenantId, payload.tenantWorkId), payload));
  if ('rotationId' in payload) return within(() => startOnce(client, 'keyRotationWorkflow', keyRotationWorkflowId(payload.rotationId), payload));
  if ('rolloutId' in payload) return within(() => signalRollout(client, payload));
  const deliver = (trace: Traced) =>
    within(() =>
      'operationId' in payload ? signalInstance(client, tenantId, key, { ...payload, ...trace }) : startVerification(client, { ...payload, ...trace }),
    );
  const { traceparent: parent } = payload;
  if (parent === undefined) return deliver({});
  const name = `deliver ${'operationId' in payload ? payload.kind : 'provider-verification'}`;
  await tracing.during({ name, kind: 'internal', parent, attributes: { 'clawloops.key': key } }, (traceparent) => deliver(traceparent ? { traceparent } : {}));
}

/** The line that leads from an operation to the workflow that carries it out. */
export function noteDelivery(logger: Logger, { key, payload }: Pick<CommandRow, 'key' | 'payload'>): void {
  if (!('operationId' in payload)) return;
  const { operationId, kind } = payload;
  logger.info({ operationId, instanceId: key, workflowId: instanceWorkflowId(key), kind }, 'an operation was handed to its workflow');
}

type Traced = Pick<InstanceCommand, 'traceparent'>;

async function signalInstance(client: Client, tenantId: string, instanceId: string, payload: InstanceCommand): Promise<void> {
  const { operationId, seq, kind, generation, params, traceparent } = payload;
  try {
    await client.workflow.signalWithStart<typeof instanceWorkflow, [InstanceCommand]>('instanceWorkflow', {
      workflowId: instanceWorkflowId(instanceId),
      taskQueue: TaskQueue.core,
      args: [{ tenantId, instanceId }],
      signal: InstanceMessage.command,
      signalArgs: [{ operationId, seq, kind, generation, params, ...(traceparent ? { traceparent } : {}) }],
      // The loss of a worker is noticed within this time, so that its work goes on within ten seconds.
      workflowTaskTimeout: '5 seconds',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw new Failure('ILLEGAL_TRANSITION', 'The instance has been destroyed.');
    throw error;
  }
}

/** A rollout that has ended begins anew from its record when somebody wants more of it. */
async function signalRollout(client: Client, { tenantId, rolloutId, ...command }: RolloutOrder): Promise<void> {
  await client.workflow.signalWithStart<typeof rolloutWorkflow, [RolloutCommand]>('rolloutWorkflow', {
    workflowId: rolloutWorkflowId(rolloutId),
    taskQueue: TaskQueue.core,
    args: [{ tenantId, rolloutId }],
    signal: RolloutMessage.command,
    signalArgs: [command],
    workflowTaskTimeout: '5 seconds',
  });
}

function startVerification(client: Client, verification: ProviderVerification): Promise<void> {
  return startOnce(client, 'providerVerifyWorkflow', providerVerifyWorkflowId(verification.providerId, verification.revision), verification);
}

/** What each workflow that is started by a command is given. */
interface Orders {
  readonly mailWorkflow: Parameters<typeof mailWorkflow>[0];
  readonly tenantWorkflow: Parameters<typeof tenantWorkflow>[0];
  readonly keyRotationWorkflow: Parameters<typeof keyRotationWorkflow>[0];
  readonly providerVerifyWorkflow: Parameters<typeof providerVerifyWorkflow>[0];
}

/** Starts a workflow unless it was started before: then the command was delivered, and what it asks for is being done or was. */
async function startOnce<Name extends keyof Orders>(client: Client, name: Name, workflowId: string, order: Orders[Name]): Promise<void> {
  try {
    await client.workflow.start(name, { workflowId, taskQueue: TaskQueue.core, args: [order], workflowIdReusePolicy: 'REJECT_DUPLICATE' });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
