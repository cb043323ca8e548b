import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The laboratory boots a machine under emulation, which takes minutes: `npm run lab`.
    exclude: process.env.MAPE_LAB ? configDefaults.exclude : [...configDefaults.exclude, 'test/lab/**'],
    reporters: ['default', './test/summary-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: more workers make the tests that build images slower, not faster.
    maxWorkers: 2,
  },
});
