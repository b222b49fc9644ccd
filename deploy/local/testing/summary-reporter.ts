import { writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/** Counts of one suite, as `npm test` adds them up. */
export interface SuiteSummary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** vitest reporter that writes a {@link SuiteSummary} to the file named by CLAWLOOPS_TEST_SUMMARY. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    let passed = 0;
    let failed = unhandled.length;
    const skipped: { name: string; reason: string }[] = [];
    for (const module of modules) {
      // A file that cannot even be loaded, or whose set-up hook failed, has no failed test of its own.
      const failedBefore = failed;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed++;
        else if (result.state === 'failed') failed++;
        else skipped.push({ name: test.fullName, reason: result.state === 'skipped' ? (result.note ?? 'marked as skipped') : 'did not run' });
      }
      if (failed === failedBefore && module.state() === 'failed') failed++;
    }
    const file = process.env.CLAWLOOPS_TEST_SUMMARY;
    if (file) writeFileSync(file, JSON.stringify({ passed, failed, skipped } satisfies SuiteSummary));
  }
}
