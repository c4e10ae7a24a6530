import { defineConfig } from 'vitest/config';
import { reported } from './support/reported.ts';

export default defineConfig({
  test: {
    setupFiles: ['test/support/setup.ts'],
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['test/claude/**', 'test/install/**', 'test/long/**', 'test/torture/**', 'test/fixtures/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    isolate: false, // a worker and its modules serve many files: a third of the time otherwise
    maxWorkers: 3, // on two cores: tests that start programs mostly wait for them
    ...reported(),
  },
});
