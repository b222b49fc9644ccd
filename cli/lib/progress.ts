import type { OperationStep, OperationView } from '../../workflows/contracts/operation.ts';
import { attemptText, endText, operationTitle, progressLines } from '../views/steps.ts';
import type { Io } from './io.ts';

/** Shows an operation while it goes on, on standard error. */
export interface Progress {
  show(operation: OperationView): void;
  /** Leaves the terminal as a person expects it; `show` is not called after it. */
  close(): Promise<void>;
}

/** Plain lines, one for each thing that happened: for pipes and logs. */
export function lineProgress(io: Io): Progress {
  let before: OperationView | null = null;
  return {
    show(operation) {
      for (const line of progressLines(before, operation, io.now())) io.stderr.write(`${line}\n`);
      before = operation;
    },
    close: async () => {},
  };
}

interface StepTask {
  title: string;
  output: string;
  skip(message?: string): unknown;
}

/** Brings a task of the list to where its step is; true when there is nothing more to come. Throws to mark a failed step. */
function settle(task: StepTask, step: OperationStep | undefined, over: boolean, now: Date): boolean {
  if (!step || (over && !step.finishedAt && step.state !== 'skipped')) {
    task.skip();
    return true;
  }
  if (step.state === 'failed') throw new Error(attemptText(step, now) || step.name);
  if (step.state === 'skipped') task.title = `${step.name} (skipped)`;
  if (step.state === 'cancelled') task.skip(`${step.name}: cancelled`);
  if (step.state === 'succeeded' || step.state === 'skipped' || step.state === 'cancelled') return true;
  task.output = attemptText(step, now);
  return false;
}

/** A list that changes in place, with the attempt and a countdown to the next try under the step that is on. */
export async function listProgress(io: Io): Promise<Progress> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  let latest: OperationView | null = null;
  let closed = false;
  let wake = (): void => {};
  let running: Promise<void> | null = null;
  const timer = setInterval(() => wake(), 1000);
  const over = (): boolean => closed || latest?.finishedAt != null;
  const change = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });

  const stepTask = (index: number) => ({
    title: latest?.steps[index]?.name ?? '',
    task: async (_: unknown, task: StepTask): Promise<void> => {
      while (!settle(task, latest?.steps[index], over(), io.now())) await change();
    },
  });
  const runFrom = async (first: number): Promise<number> => {
    const steps = latest?.steps ?? [];
    const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
    const tasks = steps.slice(first).map((_, index) => stepTask(first + index));
    await new Listr(tasks, {
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: { collapseErrors: false, collapseSkips: false, logger },
    }).run();
    return steps.length;
  };
  // A list cannot grow while it runs; steps that undo a failed operation come later and make a list of their own.
  const run = async (): Promise<void> => {
    let shown = 0;
    while (!over() || (latest?.steps.length ?? 0) > shown) {
      if ((latest?.steps.length ?? 0) > shown) shown = await runFrom(shown);
      else await change();
    }
  };
  return {
    show(operation) {
      if (!latest) io.stderr.write(`${operationTitle(operation)} (${operation.id})\n`);
      latest = operation;
      running ??= run();
      wake();
    },
    async close() {
      closed = true;
      clearInterval(timer);
      wake();
      await running;
      if (latest?.finishedAt) io.stderr.write(`${endText(latest)}\n`);
    },
  };
}

/** The list on a terminal, lines everywhere else. */
export async function openProgress(io: Io): Promise<Progress> {
  return io.stderr.isTTY === true && io.env['TERM'] !== 'dumb' ? listProgress(io) : lineProgress(io);
}
