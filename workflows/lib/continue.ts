import type { Workflow } from '@temporalio/workflow';
import { allHandlersFinished, condition, makeContinueAsNewFunc, workflowInfo } from '@temporalio/workflow';

/** Whether the history has grown enough to start afresh: the server says so, or our own bound does. */
export function shouldContinueAsNew(historyEvents: number): boolean {
  const info = workflowInfo();
  return info.continueAsNewSuggested || info.historyLength > historyEvents;
}

/** Continues as new once no handler is under way. `args` is read after that, so that nothing a handler did is lost. Never returns. */
export async function drainAndContinue<W extends Workflow>(args: () => Parameters<W>): Promise<never> {
  await condition(allHandlersFinished);
  return makeContinueAsNewFunc<W>()(...args());
}
