import { createHash, randomUUID } from 'node:crypto';
import { type Client, ServiceError, WorkflowNotFoundError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Failure, isFailureCode } from '../../workflows/contracts/failures.ts';
import { instanceWorkflowId } from '../../workflows/contracts/ids.ts';
import { type ControlRequest, InstanceMessage } from '../../workflows/contracts/instance.ts';

export interface Control extends ControlRequest {
  readonly instanceId: string;
  /** Repeating a request with the same key is one update. */
  readonly idempotencyKey: string | null;
}

const DEADLINE_MS = 5000;

/**
 * Asks the entity for it and waits for its answer, at most five seconds. Throws ILLEGAL_TRANSITION when it is not possible now,
 * WORKFLOW_ENGINE_UNAVAILABLE when nobody answered.
 */
export async function controlOperation(client: Client, { instanceId, idempotencyKey, ...request }: Control): Promise<void> {
  const handle = client.workflow.getHandle(instanceWorkflowId(instanceId));
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      handle.executeUpdate<unknown, [ControlRequest]>(InstanceMessage.control, { args: [request], updateId: updateId(request, idempotencyKey) }),
    );
  } catch (error) {
    throw controlFailure(error, request.operationId);
  }
}

function updateId(request: ControlRequest, key: string | null): string {
  if (key === null) return randomUUID();
  return createHash('sha256')
    .update(JSON.stringify([request.operationId, request.control, request.requestedBy, key]))
    .digest('hex');
}

function controlFailure(error: unknown, operationId: string): unknown {
  if (error instanceof WorkflowUpdateFailedError) {
    const { cause } = error;
    if (cause instanceof ApplicationFailure && cause.type && isFailureCode(cause.type)) return new Failure(cause.type, cause.message, { operationId });
    return new Failure('ILLEGAL_TRANSITION', 'That is not possible now.', { operationId });
  }
  if (error instanceof WorkflowNotFoundError) {
    return new Failure('ILLEGAL_TRANSITION', 'Nobody works on this operation: it has not been taken up yet, or its instance is gone.', { operationId });
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || error instanceof ServiceError)
    return new Failure('WORKFLOW_ENGINE_UNAVAILABLE', undefined, { operationId });
  return error;
}
