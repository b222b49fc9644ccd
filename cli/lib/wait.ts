import type { OperationState, OperationView } from '../../workflows/contracts/operation.ts';
import { operationTitle } from '../views/steps.ts';
import { type Session, take } from './client.ts';
import { CliError, ExitCode } from './errors.ts';
import { follow } from './follow.ts';
import type { Io } from './io.ts';
import { openProgress } from './progress.ts';

const ENDED: ReadonlySet<OperationState> = new Set(['succeeded', 'failed', 'cancelled']);

/** Follows an operation to its end and shows each step and attempt on standard error. Does not judge how it ended. */
export async function waitForOperation(io: Io, session: Session, id: string, timeoutSeconds: number): Promise<OperationView> {
  const progress = await openProgress(io);
  try {
    return await follow(session, {
      room: `operation:${id}`,
      look: () => take(session.api.GET('/operations/{id}', { params: { path: { id } } })),
      ended: ({ state }) => ENDED.has(state),
      onLook: (operation) => progress.show(operation),
      timeoutSeconds,
      timedOut: { message: `The operation ${id} has not ended within ${timeoutSeconds} s; it goes on.`, nextStep: `Follow it: claw operations watch ${id}` },
    });
  } finally {
    await progress.close();
  }
}

/** The error of an operation that did not succeed, null for one that did. */
export function operationError(operation: OperationView): CliError | null {
  if (operation.state === 'succeeded') return null;
  const message = operation.error?.message ?? `The operation was ${operation.state}.`;
  return new CliError(operation.error?.code === 'TIMEOUT' ? ExitCode.timeout : ExitCode.failed, `${operationTitle(operation)} ${operation.state}: ${message}`, {
    code: operation.error?.code ?? operation.state.toUpperCase(),
    nextStep: operation.error?.nextStep,
    requestId: operation.requestId ?? undefined,
  });
}
