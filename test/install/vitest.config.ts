import { defineConfig } from 'vitest/config';
import { reported } from '../support/reported.ts';

export default defineConfig({
  test: {
    setupFiles: ['test/support/setup.ts'],
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/install/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    ...reported(),
  },
});
