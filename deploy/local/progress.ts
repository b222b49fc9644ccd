import { Listr } from 'listr2';
import type { Progress } from './platform.ts';

/** Shows the steps of a start to a person. */
export interface ProgressView {
  show(progress: Progress): void;
  /** Ends the list; steps that have not finished are marked as given up. */
  close(): Promise<void>;
}

const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** One line per finished step, for pipes and log files. */
export function plainProgress(write: (line: string) => void): ProgressView {
  const begun = new Map<string, number>();
  return {
    show({ part, title, event, text }) {
      const startedAt = begun.get(part) ?? performance.now();
      if (event === 'begin') begun.set(part, startedAt);
      if (event === 'report' && text !== 'starting') write(`  ${title}: ${text} ...`);
      if (event === 'done') write(`  ${title}: ready after ${seconds(startedAt)}`);
      if (event === 'failed') write(`  ${title}: failed after ${seconds(startedAt)}`);
    },
    close: async () => undefined,
  };
}

interface Row {
  readonly finish: (error: Error | null) => void;
  readonly outcome: Promise<void>;
  startedAt: number | null;
  text: string;
}

function createRow(): Row {
  let finish: Row['finish'] = () => {};
  const outcome = new Promise<void>((resolve, reject) => {
    finish = (error) => (error ? reject(error) : resolve());
  });
  outcome.catch(() => undefined);
  return { finish, outcome, startedAt: null, text: 'waiting' };
}

/** A live list for terminals: every step with a spinner, what it does and for how long. */
export function listProgress(steps: readonly { readonly name: string; readonly title: string }[]): ProgressView {
  const rows = new Map(steps.map(({ name }) => [name, createRow()]));
  const describe = (row: Row) => (row.startedAt === null ? row.text : `${row.text} (${seconds(row.startedAt)})`);
  const list = new Listr(
    steps.map(({ name, title }) => ({
      title,
      task: async (_context: unknown, task: { title?: string; output?: string }) => {
        const row = rows.get(name) as Row;
        const clock = setInterval(() => {
          task.output = describe(row);
        }, 100);
        await row.outcome.finally(() => clearInterval(clock));
        task.title = `${title} (${seconds(row.startedAt ?? performance.now())})`;
      },
    })),
    { concurrent: true, exitOnError: false, registerSignalListeners: false, rendererOptions: { showErrorMessage: false, collapseErrors: false } },
  );
  const running = list.run();
  return {
    show({ part, event, text }) {
      const row = rows.get(part);
      if (!row) return;
      if (event === 'begin') row.startedAt = performance.now();
      if (event === 'begin' || text) row.text = text ?? 'working';
      if (event === 'done') row.finish(null);
      if (event === 'failed') row.finish(new Error('failed'));
    },
    async close() {
      for (const row of rows.values()) row.finish(new Error('given up'));
      await running.catch(() => undefined);
    },
  };
}
