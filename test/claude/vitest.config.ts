import { defineConfig } from 'vitest/config';
import { reported } from '../support/reported.ts';

// Each run of the real binary takes about a second; two files at a time keep two cores busy.
export default defineConfig({
  test: {
    setupFiles: ['test/support/setup.ts'],
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/claude/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    ...reported(),
  },
});
