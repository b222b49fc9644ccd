import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, ActivityInterceptors, Next } from '@temporalio/worker';
import { Failure, isFailure } from '../../../workflows/contracts/failures.ts';
import { WORKER_LOST } from '../../../workflows/contracts/task-queues.ts';
import { isDatabaseGone } from '../database-gone.ts';
import type { Logger } from '../logger.ts';

const HEARTBEAT_MS = 1_000;
const SHUTDOWN = 'WORKER_SHUTDOWN';

/**
 * Around every activity: a heartbeat each second, so that the loss of this process is noticed within the heartbeat time-out and a
 * cancel arrives, and failures in the form the workflows read: the code as type, sentence and next step, never a foreign message.
 */
export function createActivityInterceptor(logger: Logger): (context: Context) => ActivityInterceptors {
  return (context) => ({ inbound: new Inbound(context, logger) });
}

class Inbound implements ActivityInboundCallsInterceptor {
  readonly #context: Context;
  readonly #logger: Logger;

  constructor(context: Context, logger: Logger) {
    this.#context = context;
    this.#logger = logger;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const { info } = this.#context;
    const beat = info.isLocal ? undefined : setInterval(() => this.#context.heartbeat(), HEARTBEAT_MS);
    const began = performance.now();
    const ids = this.#ids(input.args);
    try {
      const result = await next(input);
      if (this.#isShutDown()) throw workerLost();
      this.#logger.debug({ ...ids, milliseconds: Math.round(performance.now() - began) }, 'an activity ended');
      return result;
    } catch (error) {
      throw this.#translate(error, ids);
    } finally {
      clearInterval(beat);
    }
  }

  /** A watcher returns when it is cancelled; that its process ends is no reason for it to be over. */
  #isShutDown(): boolean {
    const { reason } = this.#context.cancellationSignal;
    return (
      !this.#context.info.isLocal && reason instanceof CancelledFailure && reason.message === SHUTDOWN && this.#context.info.startToCloseTimeoutMs > 3_600_000
    );
  }

  /** What its log lines are found by: whatever it works for. */
  #ids([first]: readonly unknown[]): Readonly<Record<string, unknown>> {
    const { info } = this.#context;
    const { operationId, instanceId, hostId } = (typeof first === 'object' && first !== null ? first : {}) as Record<string, unknown>;
    const { workflowId, runId } = info.workflowExecution ?? {};
    return { activity: info.activityType, attempt: info.attempt, workflowId, runId, operationId, instanceId, hostId };
  }

  #translate(error: unknown, ids: Readonly<Record<string, unknown>>): unknown {
    const { cancellationSignal } = this.#context;
    if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return this.#cancelled(error);
    if (cancellationSignal.aborted && !isFailure(error)) return this.#cancelled(cancellationSignal.reason);
    const failure = toFailure(error);
    if (failure.code === 'INTERNAL') this.#logger.error({ ...ids, err: error }, 'an activity failed in an unexpected way');
    else this.#logger.info({ ...ids, code: failure.code }, failure.message);
    return ApplicationFailure.create({
      message: failure.message,
      type: failure.code,
      nonRetryable: false,
      details: [{ nextStep: failure.nextStep, errors: failure.details.errors }],
    });
  }

  #cancelled(error: unknown): unknown {
    return error instanceof CancelledFailure && error.message === SHUTDOWN ? workerLost() : error;
  }
}

function workerLost(): ApplicationFailure {
  return ApplicationFailure.retryable('The worker shut down.', WORKER_LOST);
}

/** Failures stay; a database that cannot be reached is DATABASE_UNAVAILABLE, whatever else is INTERNAL with the table's own sentence. */
function toFailure(error: unknown): Failure {
  if (isFailure(error)) return error;
  return new Failure(isDatabaseGone(error) ? 'DATABASE_UNAVAILABLE' : 'INTERNAL');
}
