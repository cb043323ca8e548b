import { configDefaults, defineConfig } from 'vitest/config';

/** Boots a machine under emulation, which takes minutes and both cores: alone, and behind all others. */
const LAB = 'test/lab/lab.test.ts';

export default defineConfig({
  test: {
    reporters: ['default', './test/summary-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: more workers make the tests that build images slower, not faster.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, LAB],
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'lab', include: [LAB], sequence: { groupOrder: 1 } } },
    ],
  },
});
