import { writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/** Counts of one suite, as `npm test` adds them up. */
export interface SuiteSummary {
  readonly passed: number;
  readonly failed: number;
  /** What each failure was, for the end of a long output, of which often only the end is kept. */
  readonly failures: readonly { readonly name: string; readonly reason: string }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** vitest reporter that writes a {@link SuiteSummary} to the file named by CLAWLOOPS_TEST_SUMMARY. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    let passed = 0;
    const failures = unhandled.map((error) => ({ name: 'an error outside of every test', reason: firstLines(error) }));
    const skipped: { name: string; reason: string }[] = [];
    for (const module of modules) {
      // A file that cannot even be loaded, or whose set-up hook failed, has no failed test of its own.
      const failedBefore = failures.length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed++;
        else if (result.state === 'failed') failures.push({ name: `${module.relativeModuleId}: ${test.fullName}`, reason: firstLines(result.errors[0]) });
        else skipped.push({ name: test.fullName, reason: result.state === 'skipped' ? (result.note ?? 'marked as skipped') : 'did not run' });
      }
      if (failures.length === failedBefore && module.state() === 'failed')
        failures.push({ name: module.relativeModuleId, reason: firstLines(module.errors()[0]) });
    }
    const file = process.env.CLAWLOOPS_TEST_SUMMARY;
    if (file) writeFileSync(file, JSON.stringify({ passed, failed: failures.length, failures, skipped } satisfies SuiteSummary));
  }
}

const REASON_CHARACTERS = 600;

function firstLines(error: SerializedError | undefined): string {
  const [origin] = (error?.stack ?? '').split('\n').filter((line) => line.includes('at ') && !line.includes('node_modules'));
  return `${error?.message ?? 'no reason was given'}${origin ? `\n${origin.trim()}` : ''}`.slice(0, REASON_CHARACTERS);
}
