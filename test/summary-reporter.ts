import type { Reporter, TestModule } from 'vitest/node';

/** Prints `Tests: N passed, N failed, N skipped` as the very last line: the line CI reads. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        const state = test.result().state;
        count[state === 'pending' ? 'skipped' : state] += 1;
      }
      // A file that failed to load has run none of its tests.
      if (!module.ok() && tests.every((test) => test.result().state !== 'failed')) count.failed += 1;
    }
    process.on('exit', () => {
      process.stdout.write(
        `Tests: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`,
      );
    });
  }
}
