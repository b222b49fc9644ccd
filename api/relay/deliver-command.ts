import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Logger } from '../../activities/platform/logger.ts';
import type { Tracing } from '../../activities/platform/tracing/tracing.ts';
import { Failure } from '../../workflows/contracts/failures.ts';
import { instanceWorkflowId, keyRotationWorkflowId, mailWorkflowId, providerVerifyWorkflowId, tenantWorkflowId } from '../../workflows/contracts/ids.ts';
import { type InstanceCommand, InstanceMessage } from '../../workflows/contracts/instance.ts';
import type { KeyRotationOrder } from '../../workflows/contracts/key-rotation.ts';
import type { MailOrder } from '../../workflows/contracts/mail.ts';
import type { ProviderVerification } from '../../workflows/contracts/model.ts';
import { TaskQueue } from '../../workflows/contracts/task-queues.ts';
import type { TenantOrder } from '../../workflows/contracts/tenant-work.ts';
import type { instanceWorkflow } from '../../workflows/instance/instance.workflow.ts';
import type { mailWorkflow } from '../../workflows/mail/mail.workflow.ts';
import type { providerVerifyWorkflow } from '../../workflows/provider/provider-verify.workflow.ts';
import type { keyRotationWorkflow } from '../../workflows/secrets/key-rotation.workflow.ts';
import type { tenantWorkflow } from '../../workflows/tenant/tenant.workflow.ts';
import type { CommandRow } from './outbox-store.ts';

const DEADLINE_MS = 10_000;

/**
 * Gives a command to the workflow it is for, starting that if it is not there yet; Temporal keeps it even when no worker runs.
 * Throws ILLEGAL_TRANSITION when the entity of an instance has ended, because one that has ended is never started again.
 */
export async function deliverCommand(client: Client, tracing: Tracing, { tenantId, key, payload }: CommandRow): Promise<void> {
  if ('mailId' in payload) return client.withDeadline(Date.now() + DEADLINE_MS, () => startMail(client, payload));
  if ('tenantWorkId' in payload) return client.withDeadline(Date.now() + DEADLINE_MS, () => startTenantWork(client, payload));
  if ('rotationId' in payload) return client.withDeadline(Date.now() + DEADLINE_MS, () => startKeyRotation(client, payload));
  const deliver = (trace: Traced) =>
    client.withDeadline(Date.now() + DEADLINE_MS, () =>
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

async function startMail(client: Client, { mailId }: MailOrder): Promise<void> {
  try {
    await client.workflow.start<typeof mailWorkflow>('mailWorkflow', {
      workflowId: mailWorkflowId(mailId),
      taskQueue: TaskQueue.core,
      args: [{ mailId }],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
    });
  } catch (error) {
    // Delivered before: it is being sent, or was.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function startKeyRotation(client: Client, order: KeyRotationOrder): Promise<void> {
  try {
    await client.workflow.start<typeof keyRotationWorkflow>('keyRotationWorkflow', {
      workflowId: keyRotationWorkflowId(order.rotationId),
      taskQueue: TaskQueue.core,
      args: [order],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
    });
  } catch (error) {
    // Delivered before: it runs, or has ended.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function startVerification(client: Client, verification: ProviderVerification): Promise<void> {
  try {
    await client.workflow.start<typeof providerVerifyWorkflow>('providerVerifyWorkflow', {
      workflowId: providerVerifyWorkflowId(verification.providerId, verification.revision),
      taskQueue: TaskQueue.core,
      args: [verification],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
    });
  } catch (error) {
    // Delivered before: this revision is being verified, or was.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function startTenantWork(client: Client, order: TenantOrder): Promise<void> {
  try {
    await client.workflow.start<typeof tenantWorkflow>('tenantWorkflow', {
      workflowId: tenantWorkflowId(order.tenantId, order.tenantWorkId),
      taskQueue: TaskQueue.core,
      args: [order],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
    });
  } catch (error) {
    // Delivered before: it runs, or has ended.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
