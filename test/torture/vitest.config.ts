import { defineConfig } from 'vitest/config';
import { reported } from '../support/reported.ts';

// WT_TORTURE=short is what CI runs, and WT_TORTURE_SEED=<n> takes the same decisions again.
export default defineConfig({
  test: {
    setupFiles: ['test/support/setup.ts'],
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/torture/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 1, // what is measured here must not be slowed by a neighbour
    ...reported(),
  },
});
