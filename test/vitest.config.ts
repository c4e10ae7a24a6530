import { defineConfig } from 'vitest/config';
import { reported } from './support/reported.ts';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['test/claude/**', 'test/install/**', 'test/torture/**', 'test/fixtures/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 3, // on two cores: tests that start programs mostly wait for them
    ...reported(),
  },
});
