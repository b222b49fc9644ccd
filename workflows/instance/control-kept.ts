import { patched, sleep } from '@temporalio/workflow';

/**
 * Resolves when what a person just decided stands in the history. A decision comes as an update, which is written down only with the
 * task that took it up; effects of that same task would outlive the decision if its worker were lost. A timer ends the task.
 */
export async function controlKept(): Promise<void> {
  if (patched('control-kept')) await sleep(1);
}
